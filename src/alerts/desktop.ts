import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { displaySafe } from '../display.ts';
import { sentence } from './format.ts';
import type { AlertParams } from './payload.ts';

/** Where notifications are shown. */
export interface Desktop {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** What became of a notification; `trouble` says in words why nobody saw it. */
export type Shown = { readonly by: string } | { readonly trouble: string };

interface Call {
  readonly program: string;
  /** Texts are arguments or variables of their own: no script, markup or option is made of them. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const title = 'scopeon';
const mostMs = 5_000;

/** Shows an alert with what a webhook that asks for no names would be told. Never throws. */
export async function showOnDesktop(params: AlertParams, desktop: Desktop): Promise<Shown> {
  const { project, host, ...nameless } = params;
  const call = callFor(displaySafe(sentence(nameless as AlertParams), 300), params.severity, desktop.platform); // two optional fields less
  const program = findProgram(call.program, desktop);
  if (program === undefined) return { trouble: `there is no ${call.program} on the PATH` };
  return new Promise((resolve) => {
    const child = spawn(program, call.args, {
      env: { ...desktop.env, ...call.env },
      stdio: 'ignore',
      windowsHide: true,
      timeout: mostMs,
      killSignal: 'SIGKILL',
    });
    child.once('error', (error) => resolve({ trouble: `${program} cannot be started: ${error.message}` }));
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? { by: program } : { trouble: `${program} ended with ${code ?? signal}` }),
    );
  });
}

function callFor(text: string, severity: string, platform: NodeJS.Platform): Call {
  if (platform === 'darwin') return { program: 'osascript', args: [...appleScript, title, text] };
  if (platform === 'win32')
    return {
      program: 'powershell.exe',
      args: ['-NoProfile', '-NonInteractive', '-EncodedCommand', Buffer.from(toast, 'utf16le').toString('base64')],
      env: { SCOPEON_ALERT_TITLE: title, SCOPEON_ALERT_TEXT: text },
    };
  const urgency = severity === 'critical' ? 'critical' : 'normal';
  return { program: 'notify-send', args: [`--app-name=${title}`, `--urgency=${urgency}`, '--', title, plain(text)] };
}

const appleScript = [
  'on run argv',
  'display notification (item 2 of argv) with title (item 1 of argv)',
  'end run',
].flatMap((line) => ['-e', line]);

/** A toast needs the id of an installed program to come from: PowerShell's own. */
const toast = `
$ErrorActionPreference = 'Stop'
$manager = [Windows.UI.Notifications.ToastNotificationManager, Windows.UI.Notifications, ContentType = WindowsRuntime]
$page = $manager::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$lines = $page.GetElementsByTagName('text')
[void]$lines.Item(0).AppendChild($page.CreateTextNode($env:SCOPEON_ALERT_TITLE))
[void]$lines.Item(1).AppendChild($page.CreateTextNode($env:SCOPEON_ALERT_TEXT))
$from = '{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\\WindowsPowerShell\\v1.0\\powershell.exe'
$manager::CreateToastNotifier($from).Show([Windows.UI.Notifications.ToastNotification]::new($page))
`;

/** Many desktops read the text of a notification as markup. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** By the absolute directories of PATH alone: what lies in the current directory is anybody's. */
function findProgram(name: string, { env, platform }: Desktop): string | undefined {
  const path = Object.entries(env).find(
    ([key]) => key === 'PATH' || (platform === 'win32' && /^path$/i.test(key)),
  )?.[1];
  return (path ?? '')
    .split(platform === 'win32' ? ';' : ':')
    .filter((directory) => isAbsolute(directory))
    .map((directory) => join(directory, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
