// Paths as a tree of folders. A folder that holds nothing but one other folder is one with it.
/** @import { File, Folder } from "./message.js" */

/** @type {(name: string, path: string) => Folder} */
const empty = (name, path) => ({ name, path, bytes: 0, n: 0, folders: [], files: [] });

/**
 * @param {File[]} files by path
 * @returns {Folder} without a name
 */
export function treeOf(files) {
  const root = empty("", "");
  /** @type {Map<string, Folder>} */
  const known = new Map([["", root]]);
  for (const file of files) {
    const parts = file.p.split("/");
    let folder = root;
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join("/");
      let next = known.get(path);
      if (!next) {
        next = empty(parts[depth - 1], path);
        known.set(path, next);
        folder.folders.push(next);
      }
      folder = next;
    }
    folder.files.push(file);
  }
  measure(root);
  root.folders = root.folders.map(joined);
  return root;
}

/** @param {Folder} folder */
function measure(folder) {
  folder.folders.forEach(measure);
  const sum = (/** @type {number[]} */ values) => values.reduce((all, each) => all + each, 0);
  folder.n = folder.files.length + sum(folder.folders.map((each) => each.n));
  folder.bytes = sum(folder.files.map((each) => each.b)) + sum(folder.folders.map((each) => each.bytes));
}

/**
 * @param {Folder} folder
 * @returns {Folder}
 */
function joined(folder) {
  const [only] = folder.folders;
  if (only && folder.folders.length === 1 && !folder.files.length)
    return joined({ ...only, name: `${folder.name}/${only.name}` });
  return { ...folder, folders: folder.folders.map(joined) };
}

/** The last part of a path. */
export const nameOf = (/** @type {string} */ path) => path.slice(path.lastIndexOf("/") + 1);
