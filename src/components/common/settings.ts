/** Settings of a plugin, read when first asked for: `activate` makes no request. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/** Read a number of the plugin's settings; `fallback` without a registry or with a broken file. */
export function numberSettings(
  registry: ISettingRegistry | null,
  plugin: string
): (key: string, fallback: number) => Promise<number> {
  let loaded: Promise<ISettingRegistry.ISettings | null> | null = null;
  return async (key, fallback) => {
    loaded ??= registry
      ? registry.load(plugin).catch(() => null)
      : Promise.resolve(null);
    const value = (await loaded)?.composite[key];
    return typeof value === 'number' ? value : fallback;
  };
}
