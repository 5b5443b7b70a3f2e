import { fileURLToPath } from 'node:url';
import {
  API,
  type Checker,
  type Symbol as Property,
  SymbolFlags,
  type Type,
  type TypeReference,
} from 'typescript/unstable/sync';

/** An option of a stage as its doc comment says, of `StageConfig` or of an interface in it. */
export interface OptionDoc {
  /** Such as `task.oauth.issuer`, or `secrets.clients[].clientId` within a list. */
  readonly path: string;
  readonly what: string;
  /** Such as `string`, `number`, `string[]`, or the values there are. */
  readonly type: string;
  /** The text of `@default`; none where the option must be given. */
  readonly defaultText: string | undefined;
  /** Whether it only holds others. */
  readonly group: boolean;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// The options are data of ours. Without the packages, aws-cdk-lib above all, they are read in one second, not in eight.
const WITHOUT_PACKAGES = {
  directoryExists: (path: string) => (path.endsWith('/node_modules') ? false : undefined),
};

/**
 * Every option of {@link StageConfig}, in the order of the source, read by the compiler.
 *
 * @param sources that replace files of this repository, by path.
 * @throws Error naming an option without a doc comment, or an optional one without `@default`.
 */
export function optionDocs(sources: Readonly<Record<string, string>> = {}): OptionDoc[] {
  const replaced = new Map(Object.entries(sources).map(([path, text]) => [`${ROOT}${path}`, text]));
  const api = new API({
    cwd: ROOT,
    fs: { ...WITHOUT_PACKAGES, readFile: (path) => replaced.get(path) },
  });
  try {
    const [project] = api.updateSnapshot({ openProjects: [`${ROOT}tsconfig.json`] }).getProjects();
    const source = project?.program.getSourceFile(`${ROOT}infra/stage-config.ts`);
    const module = source && project?.checker.getSymbolAtLocation(source);
    const stage = module && project?.checker.getMemberInModuleExports(module, 'StageConfig');
    if (!project || !stage) throw new Error('infra/stage-config.ts exports no StageConfig');
    return members(project.checker, project.checker.getDeclaredTypeOfSymbol(stage), '');
  } finally {
    api.close();
  }
}

function members(checker: Checker, type: Type, prefix: string): OptionDoc[] {
  return [...checker.getPropertiesOfType(type)].sort(asWritten).flatMap((property) => {
    const declared = checker.getTypeOfSymbol(property);
    const value = declared && checker.getNonNullableType(declared);
    if (!value) throw new Error(`${prefix}${property.name} has no type`);
    const own = option(checker, property, value, prefix);
    if (own.group) return [own, ...members(checker, value, `${own.path}.`)];
    const [item] = checker.isArrayType(value) ? checker.getTypeArguments(value as TypeReference) : [];
    return item && isGroup(checker, item) ? [own, ...members(checker, item, `${own.path}[].`)] : [own];
  });
}

/** The compiler's own order changes with what it has looked at before. */
function asWritten(one: Property, other: Property): number {
  const [a, b] = [one.declarations[0], other.declarations[0]];
  if (!a || !b || a.path === b.path) return (a?.index ?? 0) - (b?.index ?? 0);
  return a.path < b.path ? -1 : 1;
}

function option(checker: Checker, property: Property, type: Type, prefix: string): OptionDoc {
  const path = `${prefix}${property.name}`;
  const group = isGroup(checker, type);
  const what = property.getDocumentationComment(checker).replaceAll(/\s*\n\s*/g, ' ');
  const tag = property.getJsDocTags(checker).find(({ name }) => name === 'default');
  const defaultText = tag?.text?.replaceAll(/\s*\n\s*/g, ' ');
  const optional = (property.flags & SymbolFlags.Optional) !== 0;
  if (!group) {
    if (what === '') throw new Error(`${path} has no doc comment`);
    if (optional !== (defaultText !== undefined)) {
      throw new Error(`${path} must have an @default exactly if it is optional`);
    }
  }
  return { path, what, type: checker.typeToString(type), defaultText, group };
}

function isGroup(checker: Checker, type: Type): boolean {
  return (type.isObjectType() || type.isIntersectionType()) && !checker.isArrayType(type);
}
