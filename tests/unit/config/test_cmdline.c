/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include "request_case.h"

/* clang-format off */

/* What real programs pass. */
static const struct good callers[] = {
	{ "Debian cron", { S, "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root" },
	  "send i keep name=<CronDaemon> to=<root>" },
	{ "cronie", { S, "-FCronDaemon", "-i", "-odi", "-oem", "-oi", "-t", "-f", "root" },
	  "send t i keep from=<root> name=<CronDaemon> foreground" },
	{ "BSD cron", { S, "-FCronDaemon", "-odi", "-oem", "-oi", "-t" },
	  "send t i keep name=<CronDaemon> foreground" },
	{ "Vixie cron", { S, "-FCronDaemon", "-odi", "-oem", "-or0s", "-B8BITMIME", "bob" },
	  "send keep name=<CronDaemon> foreground to=<bob>" },
	{ "cron with a list", { S, "-FCronDaemon", "-oem", "root, ops@example.com" },
	  "send keep name=<CronDaemon> to=<root, ops@example.com>" },
	{ "anacron", { S, "-FAnacron", "-odi", "root" },
	  "send name=<Anacron> foreground to=<root>" },
	{ "at", { "sendmail", "-i", "bob" }, "send i to=<bob>" },
	{ "systemd-cron", { S, "-i", "-B", "8BITMIME", "root" }, "send i to=<root>" },
	{ "dcron", { S, "-t", "-oem", "-i" }, "send t i keep" },
	{ "busybox crond", { "sendmail", "-ti" }, "send t i" },
	{ "fcron", { S, "-Ffcron", "-odi", "root" }, "send name=<fcron> foreground to=<root>" },
	{ "PHP mail()", { S, "-t", "-i" }, "send t i" },
	{ "PHP mail() with a sender", { S, "-t", "-i", "-fme@x.test" },
	  "send t i from=<me@x.test>" },
	{ "PHPMailer", { S, "-fme@x.test", "-i", "-t" }, "send t i from=<me@x.test>" },
	{ "qmail-inject", { "/var/qmail/bin/qmail-inject", "-fme@x.test" },
	  "send from=<me@x.test>" },
	{ "Symfony, -t", { S, "-i", "-fme@x.test", "a@x.test", "b@x.test" },
	  "send i from=<me@x.test> to=<a@x.test> to=<b@x.test>" },
	{ "PEAR, Horde", { S, "-i", "-f", "me@x.test", "--", "a@x.test", "b@x.test" },
	  "send i from=<me@x.test> to=<a@x.test> to=<b@x.test>" },
	{ "PEAR through a shell", { S, "-i", "-fme@x.test", "--", "a@x.test" },
	  "send i from=<me@x.test> to=<a@x.test>" },
	{ "nodemailer", { "sendmail", "-i", "-f", "me@x.test", "a@x.test", "b@x.test" },
	  "send i from=<me@x.test> to=<a@x.test> to=<b@x.test>" },
	{ "nodemailer with arguments", { "sendmail", "-i", "-t", "-i", "a@x.test" },
	  "send t i to=<a@x.test>" },
	{ "Ruby mail", { S, "-i", "-f", "me@x.test", "--", "a@x.test", "h@x.test" },
	  "send i from=<me@x.test> to=<a@x.test> to=<h@x.test>" },
	{ "Rails :exim", { S, "-i", "-t" }, "send t i" },
	{ "Email::Sender", { "/usr/lib/sendmail", "-i", "-f", "me@x.test", "--", "a@x.test" },
	  "send i from=<me@x.test> to=<a@x.test>" },
	{ "MIME::Lite", { "/usr/lib/sendmail", "-t", "-oi", "-oem", "-fme@x.test" },
	  "send t i keep from=<me@x.test>" },
	{ "Trac, Gitea", { "sendmail", "-i", "-f", "me@x.test", "a@x.test" },
	  "send i from=<me@x.test> to=<a@x.test>" },
	{ "logwatch, sudo, mdadm", { "/usr/lib/sendmail", "-t" }, "send t" },
	{ "reportbug", { S, "-f", "me@x.test", "-oi", "-oem", "a@x.test" },
	  "send i keep from=<me@x.test> to=<a@x.test>" },
	{ "svn mailer.py", { S, "-f", "me@x.test", "a@x.test", "b@x.test" },
	  "send from=<me@x.test> to=<a@x.test> to=<b@x.test>" },
	{ "git-multimail", { S, "-oi", "-t" }, "send t i" },
	{ "Proxmox", { "sendmail", "-B", "8BITMIME", "-f", "root", "--", "ops@x.test" },
	  "send from=<root> to=<ops@x.test>" },
	{ "Netdata", { "sendmail", "-t", "-f", "netdata@host", "-F", "Netdata on host" },
	  "send t from=<netdata@host> name=<Netdata on host>" },
	{ "Foswiki", { S, "-t", "-oi", "-oeq" }, "send t i" },
	{ "a CGI script", { S, "-oi", "-oem", "-odq", "-f", "me@x.test", "a@x.test" },
	  "send i keep from=<me@x.test> queue to=<a@x.test>" },
	{ "another one", { S, "-oi", "-t", "-odq" }, "send t i queue" },
	{ "git send-email", { S, "-i", "a@x.test", "b@x.test" },
	  "send i to=<a@x.test> to=<b@x.test>" },
	{ "git with a sender", { S, "-f", "me@x.test", "-i", "a@x.test" },
	  "send i from=<me@x.test> to=<a@x.test>" },
	{ "mutt", { S, "-oem", "-oi", "-B8BITMIME", "-f", "me@x.test", "-N", "failure,delay",
		    "-R", "hdrs", "--", "a@x.test", "b@x.test" },
	  "send i keep from=<me@x.test> failure delay ret=<HDRS> to=<a@x.test> to=<b@x.test>" },
	{ "s-nail", { S, "-i", "-m", "-v", "-F", "Me Too", "-f", "me@x.test", "--",
		      "a@x.test" },
	  "send i v from=<me@x.test> name=<Me Too> to=<a@x.test>" },
	{ "bsd-mailx", { S, "-i", "-t", "-f", "me@x.test", "-m", "-v" },
	  "send t i v from=<me@x.test>" },
	{ "mailutils", { S, "-oi", "-f", "user@host", "-t" }, "send t i from=<user@host>" },
	{ "Emacs", { S, "-oi", "-f", "me", "-oA/home/me/.mailrc", "-oem", "-odb", "-t" },
	  "send t i keep from=<me> background" },
	{ "Emacs, interactive", { S, "-oi", "-f", "me", "-oep", "-odi", "-t" },
	  "send t i from=<me> foreground" },
	{ "Emacs, resent, with notices", { S, "-oi", "-oem", "-odb", "a@x.test", "-N",
					   "success,failure" },
	  "send i keep success failure background to=<a@x.test>" },
	{ "slrn", { S, "-oi", "-t", "-oem", "-odb" }, "send t i keep background" },
	{ "lynx", { S, "-oi", "-t", "-oem" }, "send t i keep" },
	{ "fail2ban", { S, "-f", "fail2ban", "root" }, "send from=<fail2ban> to=<root>" },
	{ "popularity-contest", { "sendmail", "-oi", "-f", "root@host", "survey@x.test" },
	  "send i from=<root@host> to=<survey@x.test>" },
	{ "rkhunter, cups, tiger", { S, "root" }, "send to=<root>" },
	{ "arpwatch", { "sendmail", "-odi", "root" }, "send foreground to=<root>" },
	{ "changetrack", { S, "-f", "me", "-oi", "-odi", "root" },
	  "send i from=<me> foreground to=<root>" },
	{ "procmail", { S, "-oi", "a@x.test" }, "send i to=<a@x.test>" },
	{ "Dovecot", { S, "-i", "-f", "<>", "--", "a@x.test" },
	  "send i from=<> to=<a@x.test>" },
	{ "RT", { S, "-oi", "-ODeliveryMode=b", "-OErrorMode=m", "-t" }, "send t i" },
	{ "RT, a bounce", { S, "-oi", "-f", "<>", "-t" }, "send t i from=<>" },
	{ "RT with VERP", { S, "-oi", "-f", "rt@x.test", "-t", "-f", "rt-bob=y.test@x.test" },
	  "send t i from=<rt-bob=y.test@x.test>" },
	{ "OTRS, Znuny", { S, "-i", "-f", "", "a@x.test", "b@x.test" },
	  "send i from=<> to=<a@x.test> to=<b@x.test>" },
	{ "Sympa", { S, "-oi", "-odi", "-oem", "-N", "success,delay,failure", "-V17000001",
		     "-f", "", "--", "a@x.test" },
	  "send i keep from=<> success failure delay envid=<17000001> foreground to=<a@x.test>" },
	{ "BackupPC", { S, "-t", "-f", "backuppc" }, "send t from=<backuppc>" },
	{ "check_mailq", { "mailq" }, "list" },
	{ "BSD periodic", { "/usr/bin/mailq", "-Ac" }, "list" },
	{ "BSD periodic, a queue run", { S, "-q", "-Ac" }, "flush" },
	{ "ppp hook", { S, "-q" }, "flush" },
	{ "init script without -bd", { S, "-q15m" }, "flush every=900s" },
	{ "a watchdog of the queue", { S, "-qRexample.com", "-v" },
	  "flush v recipient=<example.com>" },
	{ "package cron job", { "/usr/sbin/postrider", "-q" }, "flush" },
	{ "Symfony, Laravel", { S, "-bs", "-i" }, "serve i" },
	{ "Alpine, nmh", { S, "-bs", "-odb", "-oem" }, "serve keep background" },
	{ "init script", { S, "-bd", "-q15m" }, "daemon every=900s" },
	{ "init script, the other way round", { S, "-q15m", "-bd" }, "daemon every=900s" },
	{ "a container", { S, "-bD", "-q1h" }, "service every=3600s" },
	{ "sos", { "/usr/lib/sendmail", "-bt", "-d0" }, "version" },
	{ "an audit script", { "sendmail", "-bt", "-d0.1" }, "version" },
	{ "a detector", { S, "-bv", "root" }, "verify to=<root>" },
	{ "an old script", { S, "-bm", "-t" }, "send t" },
	{ "Debian's postinst", { "newaliases" }, "aliases" },
	{ "an administrator", { S, "-bi", "-oA/etc/aliases" }, "aliases" },
	{ "msmtp images", { "postrider", "-C", "/etc/x.ini", "-t" },
	  "send t config=</etc/x.ini>" },
};

static const struct good spellings[] = {
	{ "nothing", { S }, "send" },
	{ "end of options", { S, "--", "root" }, "send to=<root>" },
	{ "a second --", { "postrider", "root", "--", "ops" }, "send to=<root> to=<ops>" },
	{ "a cluster", { S, "-tiv" }, "send t i v" },
	{ "a cluster, then a joined value", { S, "-itfme@x.test" },
	  "send t i from=<me@x.test>" },
	{ "a cluster, then a separate value", { S, "-itf", "me@x.test" },
	  "send t i from=<me@x.test>" },
	{ "a cluster, then -o", { S, "-toem" }, "send t keep" },
	{ "an option behind a recipient", { S, "root", "-oi", "-f", "me" },
	  "send i from=<me> to=<root>" },
	{ "-r", { S, "-r", "me", "-rhim" }, "send from=<him>" },
	{ "a blank sender", { S, "-f", "  " }, "send from=<>" },
	{ "a blank in the null sender", { S, "-f", " <> " }, "send from=<>" },
	{ "a joined null sender", { S, "-f<>" }, "send from=<>" },
	{ "a sender with a name", { S, "-f", "Me <me@x.test>" }, "send from=<Me <me@x.test>>" },
	{ "a sender that is unreadable", { S, "-f", "me@@x <" }, "send from=<me@@x <>" },
	{ "a sender, then the null one", { S, "-f", "me", "-f", "" }, "send from=<>" },
	{ "a name like a flag", { S, "-F", "-i" }, "send name=<-i>" },
	{ "an empty name", { S, "-F", "" }, "send name=<>" },
	{ "-oi and friends", { S, "-oitrue" }, "send i" },
	{ "-o apart", { S, "-o", "i", "-o", "em", "-o", "dq", "root" },
	  "send i keep queue to=<root>" },
	{ "-oe alone", { S, "-oe", "root" }, "send to=<root>" },
	{ "-e apart", { S, "-e", "m", "root" }, "send keep to=<root>" },
	{ "-A apart", { S, "-A", "c", "-Am", "root" }, "send to=<root>" },
	{ "all of -e", { S, "-ep", "-eq", "-ew", "-ee", "-ex" }, "send" },
	{ "all of -oe", { S, "-oep", "-oeq", "-oew", "-oee" }, "send" },
	{ "-em", { S, "-em" }, "send keep" },
	{ "the last error mode", { S, "-oem", "-oeq" }, "send" },
	{ "all of -od", { S, "-odi", "-odb", "-odq", "-odd" }, "send queue" },
	{ "the last -od", { S, "-odq", "-odi" }, "send foreground" },
	{ "-odd", { S, "-odd" }, "send queue" },
	{ "-odb with more", { S, "-odbackground" }, "send background" },
	{ "-od under our name", { "postrider", "-odq", "root" }, "send queue to=<root>" },
	{ "-od that says nothing", { S, "-od", "-odx" }, "send" },
	{ "-od and -q", { S, "-odq", "-q" }, "flush queue" },
	{ "more of -o", { S, "-oQ/tmp", "-oA/etc/aliases", "-om", "-o7", "-o8", "-or0s", "-ot",
			 "-of", "-oZ" },
	  "send" },
	{ "-q with values", { S, "-q15m", "-qIABC", "-qRbob", "-qSme", "-q" },
	  "flush every=900s id=<ABC> recipient=<bob> sender=<me>" },
	{ "-q with what must not be", { S, "-q!IABC", "-q!Rbob", "-q!S!" },
	  "flush !id=<ABC> !recipient=<bob> !sender=<!>" },
	{ "-q with a part like a flag", { S, "-qR-x@y.test" }, "flush recipient=<-x@y.test>" },
	{ "-q, minutes alone", { S, "-q30" }, "flush every=1800s" },
	{ "-q, many units", { S, "-q1h30m" }, "flush every=5400s" },
	{ "-q, days", { S, "-q1d" }, "flush every=86400s" },
	{ "-q, the last time", { S, "-q1h", "-q5m" }, "flush every=300s" },
	{ "-q0", { S, "-q0" }, "flush" },
	{ "-q as sendmail 8.12 has it", { S, "-qf", "-qp", "-qGslow", "-q!Gslow", "-qQ", "-qQspam",
					  "-qL" },
	  "flush" },
	{ "-qp with a time", { S, "-qp10m" }, "flush every=600s" },
	{ "-q does not take the next", { S, "-q", "-v" }, "flush v" },
	{ "the last mode", { S, "-bp", "-bi" }, "aliases" },
	{ "-bp and -q", { S, "-bp", "-q", "-qIABC" }, "list id=<ABC>" },
	{ "-q and -bp", { S, "-q", "-bp" }, "list" },
	{ "mailq with flags", { "mailq", "-Ac", "-v", "-q", "-qRbob", "-oi" },
	  "list i v recipient=<bob>" },
	{ "newaliases with flags", { "newaliases", "-v", "-q", "-oA/x" }, "aliases v" },
	{ "mailq asked for the aliases", { "mailq", "-bi" }, "aliases" },
	{ "-I", { S, "-I" }, "aliases" },
	{ "-b, separate", { S, "-b", "p" }, "list" },
	{ "-bv with a list", { S, "-bv", "a@x.test, b", "root" },
	  "verify to=<a@x.test, b> to=<root>" },
	{ "-bv and -t", { S, "-bv", "-t" }, "verify t" },
	{ "-bt with words", { S, "-bt", "root" }, "version to=<root>" },
	{ "-d takes no next argument", { S, "-d", "root" }, "send to=<root>" },
	{ "-N in capitals", { S, "-N", "NEVER" }, "send never" },
	{ "-N with blanks, twice", { S, "-Nnever", "-N", "Success, DELAY" },
	  "send success delay" },
	{ "-R", { S, "-RFull" }, "send ret=<FULL>" },
	{ "-R twice", { S, "-RFull", "-R", "HDRS" }, "send ret=<HDRS>" },
	{ "-V twice", { S, "-Vone", "-V", "two words" }, "send envid=<two words>" },
	{ "powerless", { S, "-C/x", "-C", "/x", "-X/x", "-X", "/x", "-Oa=b", "-O", "a=b",
			 "-D/x", "-D", "/x", "-d0.1", "root" },
	  "send to=<root>" },
	{ "powerless under mailq", { "mailq", "-C", "/x" }, "list" },
	{ "-C and -a", { "postrider", "-C/x", "-a", "work", "-X", "/x", "-Ox", "-D", "/x",
			 "root" },
	  "send config=</x> account=<work> to=<root>" },
	{ "a list and a group", { S, "a@x.test, Bob <b@x.test>", "g: c, d;" },
	  "send to=<a@x.test, Bob <b@x.test>> to=<g: c, d;>" },
	{ "an empty recipient", { S, "", "root" }, "send to=<> to=<root>" },
	{ "8-bit", { S, "j\xc3\xb6rg@x.test" }, "send to=<j\xc3\xb6rg@x.test>" },
	{ "what postrider judges later", { "postrider", "a@x\r\nb", "<a@@", "c\td" },
	  "send to=<a@x\r\nb> to=<<a@@> to=<c\td>" },
};

static const struct bad wrong[] = {
	{ "an unknown flag", { S, "-Z" }, "'-Z'" },
	{ "an unknown flag in a cluster", { S, "-tZi" }, "'-Z'" },
	{ "an 8-bit flag", { S, "-\xc3\xb6" }, "unknown" },
	{ "-F without a value", { S, "-F" }, "'-F'" },
	{ "-f without a value", { S, "-t", "-i", "-f" }, "'-f'" },
	{ "-r at the end of a cluster", { S, "-tir" }, "'-r'" },
	{ "-b without a mode", { S, "-b" }, "'-b'" },
	{ "-f that got a flag", { S, "-f", "-oi", "root" }, "'-oi'" },
	{ "-f that got the end of options", { S, "-f", "--", "root" }, "'--'" },
	{ "a sender in <>", { S, "-f<-x@y.test>" }, "-x@y.test" },
	{ "an unknown mode", { S, "-bz" }, "'-bz'" },
	{ "a mode and more", { S, "-bpx" }, "'-bpx'" },
	{ "-q with an odd time", { S, "-q15x" }, "'-q15x'" },
	{ "-q with a sign", { S, "-q-5" }, "'-q-5'" },
	{ "-q with a long time", { S, "-q367d" }, "'-q367d'" },
	{ "-q with a word", { S, "-qnow" }, "'-qnow'" },
	{ "-q with =", { S, "-q=15m" }, "'-q=15m'" },
	{ "-qI with nothing", { S, "-qI" }, "'-qI'" },
	{ "-qI, then a word", { S, "-qI", "ABC" }, "'-qI'" },
	{ "-qR with nothing", { S, "-qR" }, "'-qR'" },
	{ "-qS with nothing", { S, "-q!S" }, "'-q!S'" },
	{ "-q! alone", { S, "-q!" }, "'-q!'" },
	{ "-q! with a time", { S, "-q!15m" }, "'-q!15m'" },
	{ "-qf with more", { S, "-qfast" }, "'-qfast'" },
	{ "-qp with an odd time", { S, "-qpx" }, "'-qpx'" },
	{ "-N with an unknown word", { S, "-N", "often" }, "'often'" },
	{ "-N never and more", { S, "-N", "never,delay" }, "'never,delay'" },
	{ "-N with nothing", { S, "-N", "" }, "-N" },
	{ "-N with an empty word", { S, "-N", "delay,,failure" }, "-N" },
	{ "-R with an unknown word", { S, "-R", "half" }, "'half'" },
	{ "-V with nothing", { S, "-V", "" }, "-V" },
	{ "-V with a line end", { S, "-V", "a\r\nRCPT" }, "-V" },
	{ "-V with 8 bits", { S, "-V", "\xc3\xb6" }, "-V" },
	{ "-V too long", { S, "-V",
	    "12345678901234567890123456789012345678901234567890"
	    "12345678901234567890123456789012345678901234567890-" }, "-V" },
	{ "a recipient for -bp", { S, "-bp", "root" }, "'root'" },
	{ "a recipient for -bs", { S, "-bs", "root" }, "'root'" },
	{ "a recipient for -bd", { S, "-bd", "root" }, "'root'" },
	{ "a recipient for -q", { S, "-q", "15m" }, "'15m'" },
	{ "a mode slipped in", { S, "-i", "root", "-q" }, "'root'" },
	{ "a recipient for -bi", { S, "-bi", "root" }, "'root'" },
	{ "a recipient for mailq", { "mailq", "root" }, "'root'" },
	{ "a recipient for --check", { "postrider", "--check", "work" }, "'work'" },
	{ "a dash", { S, "-" }, "'-'" },
	{ "a dash behind --", { S, "--", "-x@y.test" }, "-x@y.test" },
	{ "a flag behind --", { S, "--", "-t" }, "'-t'" },
	{ "-- behind --", { S, "--", "--" }, "'--'" },
	{ "a dash in <>", { S, "<-x@y.test>" }, "-x@y.test" },
	{ "a dash in a list", { S, "a@y.test, -x@y.test" }, "-x@y.test" },
	{ "a dash behind a name", { S, "Bob <-x@y.test>" }, "-x@y.test" },
	{ "a dash in quotes", { S, "\"-x\"@y.test" }, "-x" },
	{ "a dash in quotes that are needed", { S, "\"-x y\"@y.test" }, "-x y" },
	{ "a dash behind a blank", { S, " -x" }, "' -x'" },
	{ "a dash under postrider", { "postrider", "--", "-x@y.test" }, "-x@y.test" },
	{ "a dash in a list, postrider", { "postrider", "a, <-x@y.test>" }, "-x@y.test" },
	{ "a line end", { S, "a@y.test\nb@y.test" }, "control character" },
	{ "a CR", { S, "a@y.test\r" }, "control character" },
	{ "a tab", { S, "a@y.test,\tb" }, "control character" },
	{ "a DEL", { S, "a\x7f@y.test" }, "control character" },
	{ "no address list", { S, "a@@y.test" }, "a@@y.test" },
	{ "an open angle", { S, "Bob <a@y.test" }, "a@y.test" },
	{ "no list for mailq", { "newaliases", "<" }, "<" },
	{ "-a under sendmail", { S, "-a", "work" }, "'-a'" },
	{ "-a under mailq", { "mailq", "-a", "work" }, "'-a'" },
	{ "long under sendmail", { S, "--config=/x" }, "'--config'" },
	{ "help under sendmail", { S, "--help" }, "'--help'" },
	{ "a key under sendmail", { S, "--host=evil.test" }, "'--host'" },
	{ "a secret under sendmail", { S, "--password=secret" }, "'--password'" },
	{ "long under send-mail", { "send-mail", "--list" }, "'--list'" },
	{ "long under mailq", { "mailq", "--json" }, "'--json'" },
	{ "long under newaliases", { "newaliases", "--version" }, "'--version'" },
	{ "three dashes", { S, "---" }, "'---'" },
};

/* clang-format on */

static void callers_are_understood(void **state)
{
	(void)state;
	check_good(callers, COUNT(callers));
}

static void spellings_are_understood(void **state)
{
	(void)state;
	check_good(spellings, COUNT(spellings));
}

static void wrong_lines_are_refused(void **state)
{
	(void)state;
	check_bad(wrong, COUNT(wrong));
}

/* Under which name it is decides nothing for callers that use sendmail's flags alone. */
static void callers_are_understood_under_our_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(callers); i++) {
		struct good same = callers[i];
		if (strstr(same.args[0], "sendmail") == NULL)
			continue;
		same.args[0] = "postrider";
		check_good(&same, 1);
	}
}

static void the_name_decides(void **state)
{
	static const struct {
		const char *name;
		enum personality as;
		enum request_mode mode;
	} names[] = {
		{ "sendmail", AS_SENDMAIL, MODE_SEND },
		{ "/usr/lib/sendmail", AS_SENDMAIL, MODE_SEND },
		{ "./send-mail", AS_SENDMAIL, MODE_SEND },
		{ "-sendmail", AS_SENDMAIL, MODE_SEND },
		{ "/usr/bin/mailq", AS_MAILQ, MODE_LIST },
		{ "newaliases", AS_NEWALIASES, MODE_ALIASES },
		{ "postrider", AS_POSTRIDER, MODE_SEND },
		{ "-postrider", AS_POSTRIDER, MODE_SEND },
		{ "sendmail.real", AS_POSTRIDER, MODE_SEND },
		{ "/sendmail/", AS_POSTRIDER, MODE_SEND },
		{ "--sendmail", AS_POSTRIDER, MODE_SEND },
		{ "-", AS_POSTRIDER, MODE_SEND },
		{ "", AS_POSTRIDER, MODE_SEND },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct fixture f;
		const char *const args[] = { names[i].name, NULL };
		assert_int_equal(parse(&f, args), 0);
		assert_int_equal(f.request.as, names[i].as);
		assert_int_equal(f.request.mode, names[i].mode);
		request_release(&f.request);
	}
}

static void no_name_is_fine(void **state)
{
	char *const none[] = { NULL };
	struct fixture f = { 0 };
	(void)state;
	assert_int_equal(cmdline_parse(&f.request, 0, none, &f.status), 0);
	assert_int_equal(f.request.as, AS_POSTRIDER);
	assert_int_equal(cmdline_parse(&f.request, 0, NULL, &f.status), 0);
	assert_int_equal(cmdline_parse(&f.request, 1, none, &f.status), 0);
	assert_int_equal(f.request.mode, MODE_SEND);
}

/* The name is known even where the rest is wrong: the usage that is printed depends on it. */
static void the_name_is_known_after_a_failure(void **state)
{
	struct fixture f;
	const char *const args[] = { S, "-Z", NULL };
	(void)state;
	assert_int_equal(parse(&f, args), -1);
	assert_int_equal(f.request.as, AS_SENDMAIL);
	request_release(&f.request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_are_understood),
		cmocka_unit_test(callers_are_understood_under_our_name),
		cmocka_unit_test(spellings_are_understood),
		cmocka_unit_test(wrong_lines_are_refused),
		cmocka_unit_test(the_name_decides),
		cmocka_unit_test(no_name_is_fine),
		cmocka_unit_test(the_name_is_known_after_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
