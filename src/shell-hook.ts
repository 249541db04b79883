import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CommandContext } from './command.ts';
import { displaySafe } from './display.ts';
import { ScopeonError } from './errors.ts';
import type { Change } from './registration/register.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The user's own, by its path; undefined: it is none that is known. */
export function shellOf(env: CommandContext['env']): Shell | undefined {
  const name = basename(env.SHELL ?? '');
  return shells.find((shell) => shell === name);
}

/** @throws ScopeonError `usage` when there is no such shell */
export function shellNamed(name: string, env: CommandContext['env']): Shell {
  const shell = name === 'auto' ? (shellOf(env) ?? 'bash') : shells.find((each) => each === name);
  if (shell !== undefined) return shell;
  throw new ScopeonError('usage', `"${displaySafe(name, 64)}" is no shell scopeon knows.`, {
    hint: `Choose auto, ${shells.join(', ')}.`,
  });
}

/** The file an interactive shell reads at its start. */
export function startFile(shell: Shell, { env, home }: Pick<CommandContext, 'env' | 'home'>, isMac: boolean): string {
  switch (shell) {
    case 'bash': {
      const login = join(home, '.bash_profile'); // macOS starts login shells, which read no other where there is one
      return isMac && existsSync(login) ? login : join(home, '.bashrc');
    }
    case 'zsh':
      return join(env.ZDOTDIR || home, '.zshrc');
    case 'fish':
      return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'fish', 'conf.d', 'scopeon.fish');
    default:
      return shell satisfies never;
  }
}

const first = '# >>> scopeon shell-hook >>>';
const last = '# <<< scopeon shell-hook <<<';

/** The file with the hook in it, once, in place of an older one. */
export function withHook(text: string, hook: string): string {
  const block = `${first}\n${hook}${last}\n`;
  const place = hookIn(text);
  if (place !== undefined) return text.slice(0, place.from) + block + text.slice(place.to);
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n';
  return `${text}${gap}${block}`;
}

/** The file without it, and without the empty line before it. @throws ScopeonError `failure` when its end is missing */
export function withoutHook(change: Pick<Change, 'path' | 'before'>): Change {
  const { path, before } = change;
  const place = before === undefined ? undefined : hookIn(before);
  if (before === undefined || place === undefined) return { path, before, after: before };
  const head = before.slice(0, place.from);
  const text = (head.endsWith('\n\n') ? head.slice(0, -1) : head) + before.slice(place.to);
  return { path, before, after: text === '' ? undefined : text };
}

function hookIn(text: string): { readonly from: number; readonly to: number } | undefined {
  const from = text.startsWith(first) ? 0 : text.indexOf(`\n${first}`) + 1;
  if (from === 0 && !text.startsWith(first)) return undefined;
  const end = text.indexOf(`\n${last}`, from);
  if (end < 0)
    throw new ScopeonError('failure', `The file has the line "${first}" and not the one that ends it.`, {
      hint: 'Take the hook out by hand. Nothing was changed.',
    });
  const after = end + 1 + last.length;
  return { from, to: text.startsWith('\r\n', after) ? after + 2 : text[after] === '\n' ? after + 1 : after };
}

/** What the hook needs of this machine. */
export interface HookPlaces {
  /** How scopeon is started. */
  readonly command: readonly string[];
  /** Where the line for the prompt is kept. */
  readonly statusFile: string;
}

/** Older than this, in seconds, the line is not shown: nobody may take it for news. */
const staleSecs = 60;
/** Not asked for more often than this, in seconds. */
const restSecs = 15;

/**
 * What a shell runs before each prompt: it takes the line that is kept, sets SCOPEON_STATUS, and has the line made anew
 * behind the prompt, which waits for nothing. The exit code of what ran before stays.
 */
export function hookText(shell: Shell, { command, statusFile }: HookPlaces): string {
  const quote = shell === 'fish' ? fishQuoted : quoted;
  const ask = `${[...command, 'shell-status'].map(quote).join(' ')} </dev/null >/dev/null 2>&1 &`;
  const file = quote(statusFile);
  switch (shell) {
    case 'bash':
      return lines(
        'case $- in *i*)',
        ...posixHook(file, ask, ['local code=$?'], ['return $code']),
        `case $PS1 in *SCOPEON_STATUS*) ;; *) PS1='\${SCOPEON_STATUS:+$SCOPEON_STATUS }'$PS1 ;; esac`,
        `case \${PROMPT_COMMAND-} in`,
        '  *__scopeon_prompt*) ;;',
        `  *) PROMPT_COMMAND="__scopeon_prompt\${PROMPT_COMMAND:+; $PROMPT_COMMAND}" ;;`,
        'esac',
        ';; esac',
      );
    case 'zsh':
      return lines(
        'if [[ -o interactive ]]; then',
        ...posixHook(file, ask, [], ['psvar[9]=$SCOPEON_STATUS']),
        'autoload -Uz add-zsh-hook && add-zsh-hook precmd __scopeon_prompt',
        "[[ $PROMPT == *%9v* ]] || PROMPT='%(9V.%9v .)'$PROMPT",
        'fi',
      );
    case 'fish':
      return lines(
        'if status is-interactive',
        '  function __scopeon_prompt --on-event fish_prompt',
        '    set -l code $status',
        '    set -l now (date +%s)',
        `    set -l kept (cat ${file} 2>/dev/null)`,
        '    set -g SCOPEON_STATUS',
        '    if string match -qr \'^[0-9]+$\' -- "$kept[2]"',
        `      test (math $now - $kept[2]) -lt ${staleSecs}; and set -g SCOPEON_STATUS $kept[1]`,
        '    end',
        '    set -q __scopeon_asked; or set -g __scopeon_asked 0',
        `    if test (math $now - $__scopeon_asked) -ge ${restSecs}`,
        '      set -g __scopeon_asked $now',
        `      ${ask}`,
        '      disown 2>/dev/null',
        '    end',
        '    return $code',
        '  end',
        '  functions -q fish_right_prompt; or function fish_right_prompt',
        "    string join '' -- $SCOPEON_STATUS",
        '  end',
        'end',
      );
    default:
      return shell satisfies never;
  }
}

function posixHook(file: string, ask: string, before: readonly string[], after: readonly string[]): readonly string[] {
  return [
    '__scopeon_prompt() {',
    ...before.map((line) => `  ${line}`),
    '  local now text= at=',
    '  now=$(date +%s)',
    `  [ -r ${file} ] && { IFS= read -r text; IFS= read -r at; } < ${file}`,
    "  case $at in ''|*[!0-9]*) at=0 ;; esac",
    `  if [ $((now - at)) -lt ${staleSecs} ]; then SCOPEON_STATUS=$text; else SCOPEON_STATUS=; fi`,
    `  if [ $((now - \${__scopeon_asked:-0})) -ge ${restSecs} ]; then`,
    '    __scopeon_asked=$now',
    `    ( ${ask} )`,
    '  fi',
    ...after.map((line) => `  ${line}`),
    '}',
  ];
}

function lines(...all: readonly string[]): string {
  return `${all.join('\n')}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
