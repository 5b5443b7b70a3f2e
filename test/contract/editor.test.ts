import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const json = (path: string) => JSON.parse(read(path));

test('editors get the same rules as the linter', () => {
  const { formatter } = json('biome.json');
  const told = Object.fromEntries(
    [...read('.editorconfig').matchAll(/^(\w+) = (\w+)$/gm)]
      .map(([, name, value]) => [name, value])
      .reverse(),
  );
  expect(told).toMatchObject({
    indent_style: formatter.indentStyle,
    indent_size: String(formatter.indentWidth),
    max_line_length: String(formatter.lineWidth),
  });
  const settings = json('.vscode/settings.json');
  expect(settings['editor.rulers']).toEqual([formatter.lineWidth]);
  const { recommendations } = json('.vscode/extensions.json');
  expect(recommendations).toContain(settings['editor.defaultFormatter']);
  expect(json('.devcontainer/devcontainer.json').customizations.vscode.extensions).toEqual(recommendations);
});

test('the dev container has the Node.js of the image’s build, and the port of npm start', () => {
  const [, version = 'none'] =
    /^ARG BUILD_IMAGE=node:([\d.]+)-bookworm-slim$/m.exec(read('service/Dockerfile')) ?? [];
  const { image, forwardPorts } = json('.devcontainer/devcontainer.json');
  expect(image).toBe(`node:${version}-bookworm`);
  expect(forwardPorts).toEqual([8080]);
});
