import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { parseEnvironment } from '../../service/environment.ts';
import { createUrlGuard } from '../../service/outgoing/url-guard.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { domainList, resolves } from '../infra/domain-lists.ts';
import { template } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';
import { fetchPageTool } from '../support/fetch-page.ts';

/** Whether the URL guard of the task allows a host. */
function guardAllows(config: StageConfig, host: string): boolean {
  const { scrape } = parseEnvironment('deployed', containerEnvironment(template(config)), [fetchPageTool]);
  try {
    createUrlGuard(scrape).check(`https://${host}/`);
    return true;
  } catch {
    return false;
  }
}

const ONE_LIST: StageConfig = variants.oneList;

describe('one list for the URL guard and the DNS firewall', () => {
  test.each([
    ['example.com', true],
    ['www.example.com', true],
    ['a.b.c.d.example.com', true],
    ['WWW.Example.COM', true],
    ['docs.example.org', true],
    ['www.docs.example.org', false],
    ['example.org', false],
    ['badexample.com', false],
    ['example.com.evil.net', false],
    ['example.co', false],
    ['com', false],
    ['bücher.net', false],
    ['lesen.bücher.net', true],
    ['xn--bcher-kva.net', false],
    ['one.two.io', true],
    ['two.io', false],
    ['three.one.two.io', false],
    ['evil.net', false],
  ])('agree on %s: %s', (host, allowed) => {
    const { hostname } = new URL(`https://${host}/`);
    expect([guardAllows(ONE_LIST, host), resolves(template(ONE_LIST), hostname)]).toEqual([allowed, allowed]);
  });

  test('an empty list allows no page and resolves no name', () => {
    const none: StageConfig = variants.emptyList;
    expect([guardAllows(none, 'example.com'), resolves(template(none), 'example.com')]).toEqual([
      false,
      false,
    ]);
  });

  test('a list with * allows any public host, so the DNS firewall blocks nothing', () => {
    const config = combinations.anyHost;
    expect([guardAllows(config, 'evil.net'), resolves(template(config), 'evil.net')]).toEqual([true, true]);
  });

  test('with an external scrape engine, only the name of its API must resolve', () => {
    const config: StageConfig = variants.oneListElsewhere;
    expect(guardAllows(config, 'example.com')).toBe(true);
    expect(resolves(template(config), 'example.com')).toBe(false);
    expect(domainList(template(config), 'Scraped')).toEqual([]);
    expect(resolves(template(config), 'api.webscraping.ai')).toBe(true);
  });
});
