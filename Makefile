# SPDX-License-Identifier: GPL-3.0-or-later
# Runs in the source tree; everything made goes to BUILD. `make help` lists the goals.
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

BUILD = build
AUTOCONF = autoconf
AUTOHEADER = autoheader
PYTHON = $(or $(wildcard /usr/bin/python3),python3)
# V=1 shows the commands; T and SECONDS are for `make fuzz`, SECONDS for `make fault` too.
V =
T =
SECONDS = 60

WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wvla -Wwrite-strings -Wstrict-prototypes \
	-Wmissing-prototypes -Wformat=2 -Wconversion -Wno-sign-conversion

# A flavour is the same source built in another way, in a folder of its own below BUILD.
FLAVOUR =
flavours = analyze asan bench clang coverage fuzz
# A variant is configured anew, in such a folder.
variants = linked musl
sanitize = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
analyze_CC = gcc
analyze_CFLAGS = -O1 -g -fanalyzer
asan_CFLAGS = -O1 -g $(sanitize)
bench_CFLAGS = -O2 -g
clang_CC = clang
clang_CFLAGS = -O2 -g
coverage_CC = gcc
coverage_CFLAGS = -O0 -g --coverage
fuzz_CC = clang
fuzz_CFLAGS = -O1 -g $(sanitize) -fsanitize=fuzzer-no-link

# These goals come before configure, or do without it.
unconfigured = check clean demo distclean help setup
ifneq ($(filter-out $(unconfigured),$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/config.mk
endif

O = $(BUILD)$(FLAVOUR:%=/%)
cc = $(or $($(FLAVOUR)_CC),$(CC))
cflags = $(if $(FLAVOUR),$($(FLAVOUR)_CFLAGS),$(CFLAGS))
werror = $(if $(filter analyze asan clang,$(FLAVOUR)),-Werror,$(WERROR))

# glibc wants optimisation for it, the sanitizers do the same better, and whoever sets it
# knows why.
fortifies = $(and $(filter-out asan fuzz,$(or $(FLAVOUR),none)), \
	$(filter-out -O0,$(lastword $(filter -O%,$(cflags)))), \
	$(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(cflags)),,yes))
fortify = $(if $(fortifies),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)

cppflags = $(STD) -D_GNU_SOURCE -include $(BUILD)/config.h -Isrc $(PKG_CPPFLAGS) $(CPPFLAGS)
# Only the program is optimised as a whole: linking takes seconds then, and there are many tests.
lto = $(if $(filter-out bench,$(FLAVOUR)),,$(LTO_CFLAGS))
link_lto = $(if $(lto),-fno-lto)
$O/postrider: link_lto = $(lto) $(HARDEN_CFLAGS)
compile = $(cc) $(cppflags) $(fortify) $(WARNINGS) $(HARDEN_CFLAGS) $(cflags)
link = $(cc) $(HARDEN_LDFLAGS) $(cflags) $(LDFLAGS)
# Libc comes first, so that its symbols are found without a look into the other one.
libs = -lc $(PKG_LIBS) $(LIBS)

lib_c := $(filter-out src/cmd/main.c,$(sort $(shell find src -name '*.c')))
unit_c := $(sort $(shell find tests/unit -name '*.c'))
unit_test_c := $(foreach f,$(unit_c),$(if $(filter test_%,$(notdir $f)),$f))
unit_help_c := $(foreach f,$(unit_c),$(if $(filter test_%,$(notdir $f)),,$f))
fuzz_c := $(sort $(wildcard tests/fuzz/fuzz_*.c))
unit_files := $(patsubst %.in,%,$(wildcard etc/systemd/*))
contrib_files := $(wildcard contrib/*)
man_pages := $(patsubst %.in,%,$(wildcard man/*.[1-8] man/*.[1-8].in))

objects = $(patsubst %.c,$O/%.o,$1)
lib = $O/libpostrider.a
unit_help = $O/tests/unit/libhelp.a
unit_tests = $(unit_test_c:%.c=$O/%)
fuzz_targets = $(fuzz_c:%.c=$O/%)

quote = '$(subst ','\'',$1)'
silent = $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))
say = $(if $V,,@$(if $(silent),,printf '  %-8s %s\n' $1 $2;))
missing = { tests/tools/setup.sh --missing build; exit 1; } >&2
# Sub-makes use all processors, unless the user said how many jobs to run.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))
submake = $(MAKE) --no-print-directory $(jobs)

texts = $(man_pages:%=$O/%) $(unit_files:%=$O/%)
.PHONY: all
all: $O/postrider $(if $(FLAVOUR),,$(texts)) ## build the program and its manual

# ---- from configure.ac to config.mk ----

configure: configure.ac
	@command -v $(AUTOCONF) >/dev/null || { echo '$(AUTOCONF) is missing' >&2; $(missing); }
	$(call say,AUTOCONF,$<)$(AUTOHEADER) -f && $(AUTOCONF) -f
	@rm -rf autom4te.cache configure~ src/config.h.in~ && touch src/config.h.in

src/config.h.in: configure ;

$(BUILD)/config.mk: configure src/config.mk.in src/config.h.in
	@mkdir -p $(@D)
	$(call say,CONFIG,$@)top=$$(pwd) && cd $(@D) && \
	if test -f config.status; then ./config.status -q --recheck && ./config.status -q; \
	else "$$top/configure" -q; fi || { cd "$$top" && $(missing); }

$(BUILD)/config.h: $(BUILD)/config.mk ;

# ---- compile and link ----

# Two files that change only when their contents do: objects depend on the flags, archives on
# the list.
define record
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$1) | cmp -s - $@ || printf '%s\n' $(call quote,$1) >$@
endef
$O/flags: FORCE
	$(call record,$(compile) $(lto) $(link) $(libs))
$O/sources: FORCE
	$(call record,$(lib_c) $(unit_help_c))
.PHONY: FORCE
FORCE:

$O/%.o: %.c $O/flags $(BUILD)/config.h
	@mkdir -p $(@D)
	$(call say,CC,$<)$(compile) $(if $(filter src/%,$<),$(lto),-Itests/unit) $(werror) \
		-MMD -MP -c -o $@ $<

define archive
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
endef
$(lib): $(call objects,$(lib_c)) $O/sources
	$(archive)
$(unit_help): $(call objects,$(unit_help_c)) $O/sources
	@mkdir -p $(@D)
	$(archive)

define program
	$(call say,LINK,$@)$(link) $(link_lto) -o $@ $(filter %.o %.a,$^) $1 $(libs)
endef
$O/postrider: $O/src/cmd/main.o $(lib)
	$(program)
$(unit_tests): %: %.o $(unit_help) $(lib)
	$(call program,-lcmocka $(TEST_LIBS))
fuzzer = $(filter fuzz,$(FLAVOUR))
$(fuzz_targets): %: %.o $(if $(fuzzer),,$O/tests/fuzz/replay.o) $(unit_help) $(lib)
	$(call program,$(if $(fuzzer),-fsanitize=fuzzer) $(TEST_LIBS))
$O/man/options: $O/man/options.o $(lib)
	$(program)
.SECONDARY:

-include $(patsubst %.c,$O/%.d,$(lib_c) $(unit_c) $(fuzz_c) \
	src/cmd/main.c tests/fuzz/replay.c man/options.c $(wildcard tests/bench/*.c))

# ---- the manual ----

# The page of all settings is made from the program's own table and a fragment of prose for
# each key.
$O/man/postrider.ini.5: $O/man/options.list
$O/man/options.list: $O/man/options man/options $(wildcard man/options/*)
	$(call say,MAN,$@)$O/man/options man/options >$@
spell_out = -e 's|@VERSION@|$(VERSION)|g' -e 's|@bindir@|$(bindir)|g' \
	-e 's|@sysconfdir@|$(sysconfdir)|g' -e 's|@localstatedir@|$(localstatedir)|g' \
	-e 's|@runstatedir@|$(runstatedir)|g'
$O/man/%: man/%.in $(BUILD)/config.mk
	@mkdir -p $(@D)
	$(call say,MAN,$@)sed $(spell_out) \
		-e '/^@OPTIONS@$$/{' -e 'r $O/man/options.list' -e 'd' -e '}' $< >$@
$O/man/%: man/%
	@mkdir -p $(@D) && cp $< $@

# ---- for systemd ----

$O/etc/%: etc/%.in $(BUILD)/config.mk
	@mkdir -p $(@D)
	$(call say,ETC,$@)sed $(spell_out) $< >$@
$O/etc/%: etc/%
	@mkdir -p $(@D) && cp $< $@

# ---- install ----

sendmail_links = $(sbindir)/sendmail $(prefix)/lib/sendmail $(bindir)/mailq $(bindir)/newaliases
man_folder = $(mandir)/man$(patsubst .%,%,$(suffix $1))
installed_page = $(call man_folder,$1)/$(notdir $1)
installed_pages = $(foreach p,$(man_pages),$(call installed_page,$p))
man_links = $(mandir)/man8/sendmail.8 $(mandir)/man1/mailq.1 $(mandir)/man1/newaliases.1
# NAME.sysusers goes to sysusers.d/NAME.conf, and so does .tmpfiles; units keep their names.
kind_of_unit = $(patsubst .%,%,$(filter .sysusers .tmpfiles,$(suffix $1)))
installed_unit = $(prefix)/lib/$(if $(kind_of_unit),$(kind_of_unit).d/$(basename $(notdir \
	$1)).conf,systemd/system/$(notdir $1))
installed_units = $(foreach u,$(unit_files),$(call installed_unit,$u))
install_folders = $(sort $(docdir)/contrib $(patsubst %/,%,$(dir \
	$(bindir)/postrider $(sendmail_links) $(man_links) $(installed_pages) $(installed_units))))
# Relative links, where ln can make them: links TO FROM...
links = set -e; for link in $(addprefix $(DESTDIR),$2); do \
	ln -srf $(DESTDIR)$1 $$link 2>/dev/null || ln -sf $1 $$link; done

.PHONY: install
install: all ## install below prefix (and DESTDIR)
	install -d $(addprefix $(DESTDIR),$(install_folders))
	install -m 755 $O/postrider $(DESTDIR)$(bindir)/postrider
	install -m 644 etc/postrider.ini $(DESTDIR)$(docdir)/postrider.ini
	set -e; $(foreach p,$(man_pages),install -m 644 $O/$p $(DESTDIR)$(call installed_page,$p);)
	set -e; $(foreach u,$(unit_files),install -m 644 $O/$u \
		$(DESTDIR)$(call installed_unit,$u);)
	set -e; for file in $(contrib_files); do \
		mode=644; if [ -x $$file ]; then mode=755; fi; \
		install -m $$mode $$file $(DESTDIR)$(docdir)/$$file; done
	$(call links,$(bindir)/postrider,$(sendmail_links))
	$(call links,$(call installed_page,postrider.1),$(man_links))

# Another mailer may have put its own in the place of our links since.
.PHONY: uninstall
uninstall: ## remove what install brought
	set -e; for link in $(addprefix $(DESTDIR),$(sendmail_links) $(man_links)); do \
		case $$(readlink $$link) in \
		postrider | */postrider | postrider.1 | */postrider.1) rm -f $$link;; \
		esac; done
	rm -f $(addprefix $(DESTDIR),$(bindir)/postrider $(docdir)/postrider.ini \
		$(contrib_files:%=$(docdir)/%) $(installed_pages) $(installed_units))
	rmdir $(DESTDIR)$(docdir)/contrib $(DESTDIR)$(docdir) 2>/dev/null || :

# ---- checks ----

# Where thread-local memory of a library that was opened late happens to begin 16 bytes into a
# page, the leak checker takes it for something else and crashes (gcc 12, clang 14): hide it.
export ASAN_OPTIONS = detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:$\
	intercept_tls_get_addr=0
export UBSAN_OPTIONS = print_stacktrace=1
export PYTHON PYTHONDONTWRITEBYTECODE = 1
label = $(FLAVOUR:%=, %)
parts = SUBMAKE='$(submake)' tests/tools/check.sh $(BUILD)

.PHONY: setup
setup: ## install the packages that the checks need, and fetch the mail servers to test with
	@tests/tools/setup.sh build check
	@tests/e2e/real/fetch.sh $(BUILD) || echo "set-up: no mail servers to test with"

.PHONY: demo
demo: ## set up, build, and show what the program does
	@tests/tools/setup.sh build demo
	+@$(submake) all
	@POSTRIDER=$(abspath $O/postrider) $(PYTHON) tests/demo/run.py

.PHONY: check
check: setup ## everything, set-up included; ends with "N passed, N failed"
	+@$(if $(filter 0,$(shell id -u)),POSTRIDER_REAL=required) \
		$(submake) WERROR=-Werror check-all

.PHONY: check-all
check-all: # what check does after the set-up
	+@$(parts) all lint check-unit check-e2e check-fault $(variants:%=check-%) \
		check-unit:clang check-unit:asan check-corpus:asan check-e2e:asan

.PHONY: check-asan
check-asan: ## unit tests, fuzz corpora and e2e under ASan and UBSan
	+@$(parts) check-unit:asan check-corpus:asan check-e2e:asan

.PHONY: check-unit
check-unit: $(unit_tests) ## unit tests: seconds, no server
	@tests/tools/unit.sh 'unit$(label)' $^

.PHONY: check-corpus
check-corpus: $(fuzz_targets) # the fuzz targets with their seeds, without a fuzzer
	@tests/tools/corpus.sh 'corpus$(label)' $^

.PHONY: check-e2e
check-e2e: $O/postrider # the program among real and scripted servers
	@BUILD=$(abspath $(BUILD)) $(PYTHON) tests/tools/e2e.py 'e2e$(label)' $(abspath $O)

.PHONY: check-linked check-musl
check-linked: ## a build that links all libraries
check-musl: ## a build for another libc, static
check-linked check-musl:
	+@SUBMAKE='$(submake)' tests/tools/variant.sh $(@:check-%=%) $(BUILD)

# Preloaded into the program: it is no part of it, so its flags are not the flavour's.
shim = $O/tests/fault/shim.so
$(shim): tests/fault/shim.c $O/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(cc) $(cppflags) $(WARNINGS) $(werror) -O2 -fPIC -shared -o $@ $< -ldl

.PHONY: check-fault fault
check-fault: $O/postrider $(shim) # some of `fault`: a minute
	@$(PYTHON) tests/fault/run 'fault$(label)' $^
fault: $O/postrider $(shim) ## kill, fail and cut the power at every call; SECONDS=60 of storm
	@$(PYTHON) tests/fault/run --all --seconds $(SECONDS) 'fault$(label)' $^

.PHONY: check-valgrind
check-valgrind: $O/postrider $(unit_tests) ## unit tests and runs of the program under valgrind
	@tests/tools/valgrind.sh $O $(unit_tests)

.PHONY: lint
lint: $(BUILD)/config.h ## style, layers, sizes, docs
	+@SUBMAKE='$(submake)' CC='$(cc)' FLAGS='$(cppflags) $(WARNINGS)' O=$O tests/tools/lint.sh

.PHONY: lint-inputs
lint-inputs: $O/man/options $(texts)

.PHONY: analyze
analyze: ## gcc -fanalyzer, clang-tidy and cppcheck; a finding is a failure
	+@$(submake) -k FLAVOUR=analyze analyze-all

analyzed_c = $(lib_c) src/cmd/main.c
.PHONY: analyze-all analyze-cppcheck
analyze-all: $(call objects,$(analyzed_c)) $(analyzed_c:%.c=$O/%.tidy) analyze-cppcheck
$O/%.tidy: %.c .clang-tidy $O/flags $(shell find src -name '*.h')
	@mkdir -p $(@D)
	$(call say,TIDY,$<)clang-tidy --quiet $< -- $(cppflags) $(WARNINGS) 2>$@.log || \
		{ cat $@.log; exit 1; }
	@touch $@
analyze-cppcheck: tests/tools/cppcheck.txt
	$(call say,CPPCHECK,src)cppcheck --quiet --std=c11 --error-exitcode=1 \
		--enable=warning,performance,portability --inline-suppr --suppressions-list=$< \
		-D_GNU_SOURCE --include=$(BUILD)/config.h -Isrc src

.PHONY: fuzz fuzz-all
fuzz: ## fuzz with libFuzzer: T=reply (all if not given), SECONDS=60 each
	+@$(submake) FLAVOUR=fuzz fuzz-all
fuzz-all: $(if $T,$O/tests/fuzz/fuzz_$T,$(fuzz_targets))
	@tests/tools/fuzz.sh $O $(SECONDS) $^

.PHONY: coverage coverage-all
coverage: ## which lines the unit and e2e tests reach, by module
	+@$(submake) FLAVOUR=coverage coverage-all
coverage-all: $O/postrider $(unit_tests)
	@find $O -name '*.gcda' -delete
	+-@$(submake) check-unit
	+-@$(submake) check-e2e
	@$(PYTHON) tests/tools/coverage.py $O

bench_tools = $(addprefix $O/tests/bench/,crowd disk probe sink)
$(bench_tools): %: %.o
	$(call program,-lgnutls)

.PHONY: bench bench-all
bench: ## time, system calls and memory of typical runs, beside msmtp's and curl's
	@tests/tools/setup.sh bench
	+@$(submake) FLAVOUR=bench bench-all
bench-all: $O/postrider $(bench_tools)
	@POSTRIDER=$(abspath $O/postrider) $(PYTHON) tests/bench/run

# ---- release ----

dist_name = postrider-$(VERSION)
.PHONY: dist
dist: configure src/config.h.in ## make the tarball
	@rm -rf $(BUILD)/dist && mkdir -p $(BUILD)/dist/$(dist_name)
	@{ tests/tools/files.sh && printf '%s\n' configure src/config.h.in; } >$(BUILD)/dist/files
	@tar -cf - -T $(BUILD)/dist/files | tar -xf - -C $(BUILD)/dist/$(dist_name)
	$(call say,TAR,$(BUILD)/$(dist_name).tar.gz)tar --sort=name --owner=0 --group=0 \
		--numeric-owner $(if $(SOURCE_DATE_EPOCH),--mtime=@$(SOURCE_DATE_EPOCH)) \
		-C $(BUILD)/dist -cf - $(dist_name) | gzip -9n >$(BUILD)/$(dist_name).tar.gz

.PHONY: distcheck
distcheck: dist ## build, test, install and uninstall from the tarball in an empty tree
	+@SUBMAKE='$(submake)' tests/tools/distcheck.sh $(abspath $(BUILD)/$(dist_name).tar.gz)

# ---- clean ----

.PHONY: clean
clean: ## remove what was built
	rm -rf $(addprefix $(BUILD)/,$(flavours) $(variants) dist distcheck flags libpostrider.a \
		man etc postrider sources src tally tests e2e.xml) $(BUILD)/postrider-*.tar.gz

.PHONY: distclean
distclean: clean ## also remove what configure made
	rm -f $(addprefix $(BUILD)/,.gitignore Makefile config.h config.log config.mk config.status)
	rmdir $(BUILD) 2>/dev/null || :

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' Makefile
