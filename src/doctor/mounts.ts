import { readFileSync, realpathSync } from 'node:fs';

/** Kinds of file systems that lie on another machine, by the names Linux gives them. */
const network =
  /^(nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|ceph|lustre|gpfs|ocfs2|gfs2|glusterfs|beegfs|fuse\.(sshfs|s3fs|rclone|glusterfs|ceph.*|davfs2?|gcsfuse|smb.*))$/;

export function isNetworkFileSystem(kind: string): boolean {
  return network.test(kind);
}

/** The kind of file system a directory lies on, as Linux calls it; undefined where nobody says. */
export function fileSystemOf(
  directory: string,
  mounts: () => string = () => readFileSync('/proc/self/mountinfo', 'utf8'),
): string | undefined {
  try {
    return kindIn(mounts(), realpathSync(directory));
  } catch {
    return undefined; // not Linux, or the directory is not there
  }
}

/** Lines are `id parent major:minor root mountpoint options … - type source options`; the last mount on a point counts. */
function kindIn(mountinfo: string, directory: string): string | undefined {
  let best: { readonly point: string; readonly kind: string } | undefined;
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const point = before
      .split(' ')[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const kind = after.split(' ')[0];
    if (point === undefined || kind === undefined || kind === '') continue;
    const holds = directory === point || directory.startsWith(point === '/' ? '/' : `${point}/`);
    if (holds && (best === undefined || point.length >= best.point.length)) best = { point, kind };
  }
  return best?.kind;
}
