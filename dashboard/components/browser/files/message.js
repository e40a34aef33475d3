/**
 * What `files.py` sends: the files of a version of an artifact.
 * @typedef {object} FilesData
 * @property {File[]} files by path
 * @property {string} folder of their addresses, relative to the page's base
 * @property {string} archive address of all of them as one; empty for none
 * @property {string} chosen path of the file that is looked into; empty for none
 * @property {string} rest what is said of files that are not here
 */

/**
 * One file.
 * @typedef {object} File
 * @property {string} p path
 * @property {string} at its address below the folder
 * @property {number} b bytes
 * @property {"" | "image" | "text" | "json" | "html" | "audio" | "video" | "table"} k how it is looked into
 * @property {string} h SHA-256; empty for a reference
 * @property {string} r address outside of the lake; empty for a file in it
 */

/**
 * A folder of the tree.
 * @typedef {object} Folder
 * @property {string} name
 * @property {string} path
 * @property {number} bytes
 * @property {number} n files in it, at any depth
 * @property {Folder[]} folders
 * @property {File[]} files
 */

export {};
