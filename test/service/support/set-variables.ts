/** Sets environment variables of this process, which all suites of a worker share. @returns a function that restores them */
export function setVariables(values: Readonly<Record<string, string>>): () => void {
  const { env } = process;
  const before = Object.keys(values).map((name) => [name, env[name]] as const);
  Object.assign(env, values);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
  };
}
