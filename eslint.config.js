import js from "@eslint/js";

/** What the browser and Node call their own, as far as scripts and their tests use it; `tsc` knows the rest. */
export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-undef": "off", // tsc finds names that nothing declares, and knows the browser's
      "no-unused-vars": "off", // so does it find those that nothing uses, types in comments included
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-implicit-coercion": "error",
      "no-extend-native": "error",
      "no-param-reassign": "error",
      "no-throw-literal": "error",
      "no-unused-expressions": "error",
      "no-use-before-define": ["error", { functions: false, classes: true, variables: false }],
      "array-callback-return": "error",
      "default-case-last": "error",
      "guard-for-in": "error",
      "no-self-compare": "error",
      "no-template-curly-in-string": "error",
      "no-unreachable-loop": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Names are anybody's: set text, never markup." },
        { property: "outerHTML", message: "Names are anybody's: set text, never markup." },
        { property: "insertAdjacentHTML", message: "Names are anybody's: set text, never markup." },
        { object: "Object", property: "fromEntries", message: "A name may be `__proto__`: use a Map." },
      ],
      "no-restricted-syntax": ["error", { selector: "ForInStatement", message: "Use for…of over a Map or an array." }],
    },
  },
];
