/**
 * Can this Node.js hear what the mouse does? On Windows only since it leaves the keys to the terminal (22.17 and 24.2): an
 * older one drops the mouse, and to ask for it would only take selecting text away.
 *
 * @see https://github.com/nodejs/node/pull/58358
 */
export function hearsMouse(platform: NodeJS.Platform, nodeVersion: string): boolean {
  if (platform !== 'win32') return true;
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 2) || (major === 22 && minor >= 17);
}
