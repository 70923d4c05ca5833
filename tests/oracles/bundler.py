"""Cases of Bundler. Needs `bundle` on the PATH (Debian: ruby-bundler, with its gems rake, minitest, test-unit and
power_assert); no network: the other gems are folders and a repository of Git beside the project.

Strict: `bundle install --local` with BUNDLE_FROZEN. Ordinary: `bundle lock --local`, and whether the lock is another then.
"""

import os
import pathlib
import re
import tempfile

from oracle import IN, OUT, UNASKED, Oracle, both, copy, files_of, replace, run, write

ENV = {"BUNDLE_SILENCE_ROOT_WARNING": "1", "BUNDLE_IGNORE_CONFIG": "1", "HOME": tempfile.mkdtemp(), "BUNDLE_DISABLE_VERSION_CHECK": "1",
       "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
       "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}

GEMFILE = '''# frozen_string_literal: true
source "https://gems.example.org"

ruby ">= 2.5"

gemspec

gem "rake", "~> 13.0"
gem 'acme-core', path: 'gems/core'
path "gems/more" do
  gem "acme-log", ">= 1.0", "< 3"
end

group :development, :test do
  gem "minitest", ">= 5.0", require: false
  gem "rexml"
end

platforms :jruby do
  gem "acme-java", "~> 1.0"
end
'''


def gemspec(name, version, *lines):
    body = "".join(f"  s.{line}\n" for line in lines)
    return (f'Gem::Specification.new do |s|\n  s.name = "{name}"\n  s.version = "{version}"\n  s.summary = "A gem"\n'
            f'  s.authors = ["A"]\n  s.files = Dir["lib/**/*.rb"].reject {{ |f| f =~ /test\'/ }}\n{body}end\n')


FILES = {
    "Gemfile": GEMFILE,
    "acme-app.gemspec": gemspec("acme-app", "0.3.0", 'add_dependency "acme-core", "~> 1.2"',
                                'add_development_dependency "test-unit", ">= 3"'),
    "gems/core/acme-core.gemspec": gemspec("acme-core", "1.2.5", 'add_runtime_dependency("acme-log", ">= 1.1")'),
    "gems/more/acme-log/acme-log.gemspec": gemspec("acme-log", "2.0.0"),
    "gems/more/acme-extra/acme-extra.gemspec": gemspec("acme-extra", "1.0.0"),
    "gems/java/acme-java.gemspec": gemspec("acme-java", "1.1.0"),
}


def bundle(folder, *args, **env):
    return run(["bundle", *args], folder, {**ENV, **env})


def base():
    folder = pathlib.Path(tempfile.mkdtemp())
    write(FILES, folder)
    run(["bundle", "lock", "--local"], folder, ENV, check=True)
    return files_of(folder, lambda name: True)


def ask(folder, files):
    strict, said = bundle(copy(folder), "install", "--local", BUNDLE_FROZEN="true")
    other = copy(folder)
    code, _ = bundle(other, "lock", "--local")
    after = (other / "Gemfile.lock").read_text() if (other / "Gemfile.lock").exists() else ""
    if os.environ.get("SHOW"):
        print(said)
    return (OUT if strict else IN), (OUT if code or after != files.get("Gemfile.lock") else IN)


def ask_of_registry(folder, files):
    """The strict install fails for want of the gem on this machine, which says nothing of the lock."""
    return UNASKED, ask(folder, files)[1]


def edit(path, old, new):
    return replace(path, old, new)


def sub(path, pattern, new, count=1):
    def change(files):
        text, found = re.subn(pattern, new, files[path], count=count, flags=re.M)
        assert found, (path, pattern)
        files[path] = text
    return change


def main():
    version = run(["bundle", "--version"], ".", ENV)[1].split()[-1]
    oracle = Oracle("bundler", f"Bundler {version}", base())
    print(oracle.base["Gemfile.lock"])
    case = lambda name, change: oracle.case(name, change, ask)
    gemfile = lambda old, new: edit("Gemfile", old, new)
    lock = lambda old, new: edit("Gemfile.lock", old, new)
    case("untouched", lambda files: None)
    case("comment-and-quotes", both(gemfile('gem "rake", "~> 13.0"', "gem 'rake', '~> 13.0' # builds"), gemfile('gem "rexml"', 'gem("rexml")')))
    case("requirements-in-another-order", gemfile('">= 1.0", "< 3"', '"< 3", ">= 1.0"'))
    case("requirements-as-a-list", gemfile('">= 1.0", "< 3"', '[">= 1.0", "< 3"]'))
    case("range-still-satisfied", gemfile('"~> 13.0"', '">= 12"'))
    case("range-not-satisfied", gemfile('"~> 13.0"', '"~> 99.0"'))
    case("range-in-both", both(gemfile('"~> 13.0"', '">= 12"'), lock("rake (~> 13.0)", "rake (>= 12)")))
    case("range-in-both-not-satisfied", both(gemfile('"~> 13.0"', '"~> 99.0"'), lock("rake (~> 13.0)", "rake (~> 99.0)")))
    case("range-written-longer", gemfile('">= 5.0"', '">= 5.0.0"'))
    case("tilde-written-longer", gemfile('"~> 13.0"', '"~> 13.0.0"'))
    case("exact-version-added", gemfile('gem "rexml"', 'gem "rexml", "0.0.1"'))
    case("added", gemfile('gem "rexml"', 'gem "rexml"\n  gem "power_assert"'))
    case("added-and-locked-already", gemfile('gem "rexml"', 'gem "rexml"\n  gem "acme-log", path: "gems/more"'))
    case("added-by-path", gemfile('gem "acme-log"', 'gem "acme-extra"\n  gem "acme-log"'))
    case("removed", gemfile('  gem "rexml"\n', ""))
    case("removed-by-comment", gemfile('  gem "rexml"\n', '  # gem "rexml"\n'))
    case("moved-to-another-group", both(gemfile('  gem "rexml"\n', ""), gemfile('gem "rake"', 'gem "rexml"\ngem "rake"')))
    case("optional-group", gemfile("group :development, :test do", "group :development, :test, optional: true do"))
    case("platform-removed", gemfile("platforms :jruby do", "group :java do"))
    case("group-with-braces", gemfile("group :development, :test do", "group(:development, :test) do"))
    case("source-of-all-changed", gemfile("https://gems.example.org", "https://gems.example.com"))
    case("source-of-one-added", gemfile('gem "rexml"', 'gem "rexml", source: "https://gems.example.com"'))
    case("path-changed", gemfile("path: 'gems/core'", "path: './gems/core'"))
    case("path-removed", gemfile(", path: 'gems/core'", ""))
    case("git-instead-of-path", gemfile("path: 'gems/core'", "git: 'https://git.example.org/core.git', branch: 'main'"))
    case("gemspec-removed", gemfile("gemspec\n", ""))
    case("ruby-requirement-changed", gemfile('ruby ">= 2.5"', 'ruby ">= 2.7"'))
    case("ruby-requirement-removed", gemfile('ruby ">= 2.5"\n', ""))
    case("gem-version-bumped", edit("gems/core/acme-core.gemspec", "1.2.5", "1.2.6"))
    case("gem-version-bumped-out-of-range", edit("gems/core/acme-core.gemspec", "1.2.5", "2.0.0"))
    case("gem-dependency-changed", edit("gems/core/acme-core.gemspec", ">= 1.1", ">= 1.0"))
    case("gem-dependency-added", edit("gems/core/acme-core.gemspec", 's.summary', 's.add_dependency "rexml"\n  s.summary'))
    case("gem-dependency-removed", sub("gems/core/acme-core.gemspec", r"  s.add_runtime.*\n", ""))
    case("gem-summary-changed", edit("gems/core/acme-core.gemspec", "A gem", "Another"))
    case("own-version-bumped", edit("acme-app.gemspec", "0.3.0", "0.4.0"))
    case("own-dependency-changed", edit("acme-app.gemspec", '"~> 1.2"', '"~> 1.1"'))
    case("own-development-dependency-added", edit("acme-app.gemspec", "s.summary", 's.add_development_dependency "power_assert"\n  s.summary'))
    case("own-development-dependency-changed", edit("acme-app.gemspec", '">= 3"', '">= 3.1"'))
    case("entry-removed", sub("Gemfile.lock", r"^    rexml \(.*\n", ""))
    case("transitive-entry-removed", sub("Gemfile.lock", r"^    power_assert \(.*\n", ""))
    case("dependency-line-removed", sub("Gemfile.lock", r"^  rexml\n", ""))
    case("extra-entry", sub("Gemfile.lock", r"^(    rake \()", r"    net-telnet (0.1.1)\n\1"))
    case("extra-dependency-line", sub("Gemfile.lock", r"^(  rexml\n)", r"  power_assert\n\1"))
    oracle.case("tampered-version", sub("Gemfile.lock", r"^    rake \(.*\)", "    rake (12.0.0)"), ask_of_registry)
    oracle.case("tampered-version-in-range", sub("Gemfile.lock", r"^    minitest \(.*\)", "    minitest (5.0.1)"), ask_of_registry)
    case("tampered-needs", sub("Gemfile.lock", r"^      power_assert", "      power_assert (>= 99)"))
    case("tampered-path-version", sub("Gemfile.lock", r"^    acme-core \(.*\)", "    acme-core (1.2.4)"))
    case("pin-mark-removed", lock("  acme-core!\n", "  acme-core\n"))
    case("bundled-with-changed", sub("Gemfile.lock", r"^   2\..*", "   2.3.0"))
    case("ruby-section-removed", sub("Gemfile.lock", r"^RUBY VERSION\n.*\n\n", ""))
    case("conflict-marks", lock("DEPENDENCIES\n", "<<<<<<< HEAD\nDEPENDENCIES\n=======\n>>>>>>> other\n"))
    case("eval-gemfile", both(gemfile('gem "rexml"', 'eval_gemfile "gemfiles/more.rb"'),
                              lambda files: files.__setitem__("gemfiles/more.rb", 'gem "rexml"\n')))
    case("condition", gemfile('gem "rexml"', 'gem "rexml" if true'))
    case("condition-added", gemfile('gem "rexml"', 'gem "rexml"\n  if ENV["NONE"]\n    gem "power_assert"\n  end'))
    case("version-file", both(edit("gems/core/acme-core.gemspec", '"1.2.5"', "Acme::Core::VERSION"),
                              edit("gems/core/acme-core.gemspec", "Gem::Spec", 'require_relative "lib/acme/core/version"\n\nGem::Spec'),
                              lambda files: files.__setitem__("gems/core/lib/acme/core/version.rb",
                                                              'module Acme\n  module Core\n    VERSION = "1.2.5"\n  end\nend\n')))
    case("version-file-bumped", both(edit("gems/core/acme-core.gemspec", '"1.2.5"', "Acme::Core::VERSION"),
                              edit("gems/core/acme-core.gemspec", "Gem::Spec", 'require_relative "lib/acme/core/version"\n\nGem::Spec'),
                              lambda files: files.__setitem__("gems/core/lib/acme/core/version.rb",
                                                              'module Acme\n  module Core\n    VERSION = "1.3.0"\n  end\nend\n')))
    oracle.save()


if __name__ == "__main__":
    main()
