// Rules of the TypeScript side. What each floor may import is at the end:
// features -> components -> api -> tokens, and features do not see each other.
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const forbid = (...patterns) => [
  'error',
  { patterns: patterns.map(([group, message]) => ({ group, message })) }
];

export default tseslint.config(
  {
    ignores: [
      'lib/**',
      'mlstudio/**',
      'node_modules/**',
      'src/api/schema.d.ts',
      '**/*.config.*'
    ]
  },
  ...tseslint.configs.recommended,
  { plugins: { jupyter } },
  ...jupyter.configs.recommended,
  prettier,
  {
    files: ['src/**/*.{ts,tsx}', 'ui-tests/**/*.ts'],
    rules: {
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          args: 'none',
          caughtErrors: 'none',
          ignoreRestSiblings: true,
          varsIgnorePattern: '^_'
        }
      ],
      // What starts with Lab is small on purpose and held to 60 KB by a test; panels are imported lazily.
      'jupyter/prefer-lazy-imports': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      quotes: [
        'error',
        'single',
        { avoidEscape: true, allowTemplateLiterals: false }
      ],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'prefer-arrow-callback': 'error',
      'max-lines': ['error', 400],
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'What a user wrote is text: use a text node.'
        },
        {
          selector: "MemberExpression[property.name='innerHTML']",
          message: 'What a user wrote is text.'
        }
      ]
    }
  },
  {
    files: ['src/tokens.ts', 'src/icons.ts'],
    rules: {
      'no-restricted-imports': forbid([
        ['**/features/**', '**/components/**'],
        'tokens import nothing of ours but types of api'
      ])
    }
  },
  {
    files: ['src/api/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': forbid([
        ['**/features/**', '**/components/**'],
        'api knows neither features nor components'
      ])
    }
  },
  {
    files: ['src/components/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': forbid([
        ['**/features/**'],
        'components know no features'
      ])
    }
  },
  {
    files: ['src/features/*/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-imports': forbid([
        [
          '**/features/*',
          '../jobs/**',
          '../experiments/**',
          '../shell/**',
          '../status/**',
          '../live/**',
          '../panels/**',
          '../api/**'
        ],
        'features meet through tokens and commands'
      ])
    }
  }
);
