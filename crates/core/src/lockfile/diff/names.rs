//! Names that others are mistyped for: those that very many use, and those of the own organisation.

use std::collections::HashSet;

/// Names of npm that very many packages ask for, in alphabetical order.
const NPM: &[&str] = &[
    "@babel/core",
    "@types/node",
    "ajv",
    "angular",
    "async",
    "autoprefixer",
    "axios",
    "babel-core",
    "bcrypt",
    "bluebird",
    "body-parser",
    "bootstrap",
    "chalk",
    "cheerio",
    "chokidar",
    "classnames",
    "colors",
    "commander",
    "cookie-parser",
    "core-js",
    "cors",
    "cross-env",
    "cross-spawn",
    "date-fns",
    "dayjs",
    "debug",
    "dotenv",
    "electron",
    "esbuild",
    "eslint",
    "ethers",
    "execa",
    "express",
    "fs-extra",
    "glob",
    "graphql",
    "gulp",
    "handlebars",
    "helmet",
    "husky",
    "immer",
    "inquirer",
    "jest",
    "jquery",
    "js-yaml",
    "jsonwebtoken",
    "lint-staged",
    "lodash",
    "luxon",
    "minimatch",
    "minimist",
    "mkdirp",
    "mocha",
    "moment",
    "mongodb",
    "mongoose",
    "morgan",
    "mysql",
    "next",
    "node-fetch",
    "nodemailer",
    "nodemon",
    "passport",
    "pino",
    "playwright",
    "postcss",
    "prettier",
    "prop-types",
    "puppeteer",
    "react",
    "react-dom",
    "react-redux",
    "react-router",
    "react-router-dom",
    "redis",
    "redux",
    "request",
    "rimraf",
    "rollup",
    "rxjs",
    "sass",
    "semver",
    "sequelize",
    "sharp",
    "socket.io",
    "styled-components",
    "tailwindcss",
    "typescript",
    "underscore",
    "uuid",
    "vite",
    "vitest",
    "vue",
    "webpack",
    "winston",
    "yargs",
    "zod",
];

/// Names of the Python Package Index.
const PYPI: &[&str] = &[
    "aiohttp",
    "attrs",
    "beautifulsoup4",
    "boto3",
    "botocore",
    "celery",
    "certifi",
    "cffi",
    "charset-normalizer",
    "click",
    "colorama",
    "cryptography",
    "django",
    "fastapi",
    "flask",
    "gunicorn",
    "httpx",
    "idna",
    "jinja2",
    "jsonschema",
    "lxml",
    "markupsafe",
    "matplotlib",
    "mypy",
    "numpy",
    "openai",
    "opencv-python",
    "packaging",
    "pandas",
    "paramiko",
    "pillow",
    "pip",
    "poetry",
    "protobuf",
    "psutil",
    "psycopg2",
    "pydantic",
    "pygments",
    "pyjwt",
    "pytest",
    "python-dateutil",
    "pytz",
    "pyyaml",
    "redis",
    "requests",
    "rich",
    "scikit-learn",
    "scipy",
    "selenium",
    "setuptools",
    "sqlalchemy",
    "tensorflow",
    "torch",
    "tqdm",
    "transformers",
    "typing-extensions",
    "urllib3",
    "uvicorn",
    "virtualenv",
    "websockets",
    "werkzeug",
    "wheel",
];

/// Names of crates.io.
const CRATES: &[&str] = &[
    "anyhow",
    "async-trait",
    "axum",
    "base64",
    "bitflags",
    "bytes",
    "chrono",
    "clap",
    "crossbeam",
    "diesel",
    "env_logger",
    "futures",
    "hyper",
    "indexmap",
    "itertools",
    "lazy_static",
    "libc",
    "log",
    "memchr",
    "num_cpus",
    "once_cell",
    "openssl",
    "parking_lot",
    "proc-macro2",
    "quote",
    "rand",
    "rayon",
    "regex",
    "reqwest",
    "ring",
    "rocket",
    "rustls",
    "semver",
    "serde",
    "serde_derive",
    "serde_json",
    "serde_yaml",
    "sha2",
    "smallvec",
    "sqlx",
    "syn",
    "tempfile",
    "thiserror",
    "time",
    "tokio",
    "toml",
    "tonic",
    "tower",
    "tracing",
    "tracing-subscriber",
    "unicode-width",
    "url",
    "uuid",
    "wasm-bindgen",
    "winapi",
];

/// Names of RubyGems.
const RUBYGEMS: &[&str] = &[
    "activerecord",
    "activesupport",
    "aws-sdk",
    "bcrypt",
    "bundler",
    "capybara",
    "devise",
    "faraday",
    "httparty",
    "jekyll",
    "json",
    "nokogiri",
    "puma",
    "rack",
    "rails",
    "rake",
    "redis",
    "rspec",
    "rubocop",
    "sidekiq",
    "sinatra",
    "thor",
    "unicorn",
];

/// Names of Packagist.
const PACKAGIST: &[&str] = &[
    "doctrine/orm",
    "guzzlehttp/guzzle",
    "laravel/framework",
    "league/flysystem",
    "monolog/monolog",
    "nesbot/carbon",
    "phpunit/phpunit",
    "predis/predis",
    "psr/log",
    "ramsey/uuid",
    "symfony/console",
    "symfony/http-foundation",
    "symfony/symfony",
    "twig/twig",
    "vlucas/phpdotenv",
];

/// Shortest name that is compared: of shorter ones everything is one edit away from something.
const SHORTEST: usize = 5;

/// What new names are compared with.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Of the own organisation, in any ecosystem; `@acme/*` and `acme-*` stand for all that begin so.
    internal: Vec<String>,
}

impl Names {
    /// With names of the own organisation.
    #[must_use]
    pub fn new(internal: Vec<String>) -> Self {
        Self { internal }
    }

    /// The name that a new one looks like and is not.
    #[must_use]
    pub fn look_alike(&self, family: &str, name: &str) -> Option<&str> {
        let (prefixes, whole): (Vec<_>, Vec<_>) =
            self.internal.iter().map(String::as_str).partition(|name| name.ends_with('*'));
        let prefixes: Vec<&str> = prefixes.into_iter().map(|prefix| prefix.trim_end_matches('*')).collect();
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            return None;
        }
        let popular = popular(family);
        let known: HashSet<&str> = popular.iter().copied().chain(whole.iter().copied()).collect();
        if known.contains(name) {
            return None;
        }
        let is_alike = |other: &str| other.len() >= SHORTEST && is_one_edit(name, other);
        if let Some(other) =
            popular.iter().copied().chain(whole.iter().copied()).find(|other| is_alike(other))
        {
            return Some(other);
        }
        // Of a scope the scope alone is compared: `@acmee/ui` with `@acme/`.
        let scope = name.split_once('/').map(|(scope, _)| scope)?;
        let scopes = self.internal.iter().filter_map(|name| Some((name.as_str(), name.split_once('/')?.0)));
        scopes
            .into_iter()
            .find(|(_, other)| other.len() >= SHORTEST && is_one_edit(scope, other))
            .map(|(all, _)| all)
    }
}

fn popular(family: &str) -> &'static [&'static str] {
    match family {
        "javascript" => NPM,
        "python" | "requirements" | "pylock" => PYPI,
        "cargo" => CRATES,
        "bundler" => RUBYGEMS,
        "composer" => PACKAGIST,
        _ => &[],
    }
}

/// Whether one letter put in, left out, replaced or swapped with its neighbour makes one name of the other; hyphens,
/// underscores and dots count as one another.
fn is_one_edit(one: &str, other: &str) -> bool {
    let letters = |name: &str| -> Vec<char> {
        let folded = name.to_lowercase();
        folded.chars().map(|c| if matches!(c, '_' | '.') { '-' } else { c }).collect()
    };
    let (one, other) = (letters(one), letters(other));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let rest = |letters: &[char], from: usize| letters.get(from..).unwrap_or_default().to_vec();
    if short.len() < long.len() {
        return rest(&short, same) == rest(&long, same + 1);
    }
    let (a, b) = (rest(&short, same), rest(&long, same));
    // Names that differ in nothing but such signs are one to some registries and two to others.
    if a.is_empty() || rest(&a, 1) == rest(&b, 1) {
        return true;
    }
    let is_swapped = a.len() >= 2 && (a.first(), a.get(1)) == (b.get(1), b.first());
    is_swapped && rest(&a, 2) == rest(&b, 2)
}
