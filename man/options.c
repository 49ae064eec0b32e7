/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options - the manual's list of settings, made from the program's own table
 *
 * Without an argument it prints the keys, one a line. With the folder of the fragments (a file
 * of mdoc prose for each key) it prints what postrider.ini.5.in has in place of @OPTIONS@: a
 * subsection for each group of the table, in the table's order, and in it each key with its
 * placeholder, its fragment, and its default.
 */
#include "config/options.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_keys(void)
{
	for (size_t i = 0; i < option_count; i++)
		puts(options[i].key);
}

/* Is row I the first of its group? */
static bool opens_group(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(options[j].group, options[i].group) == 0)
			return false;
	return true;
}

static void print_words(const struct option_word *words)
{
	for (const struct option_word *w = words; w->word != NULL; w++)
		printf("%sCm %s", w == words ? "" : " | ", w->word);
}

static void print_head(const struct option *o)
{
	printf(".It Ic %s Li = ", o->key);
	if (o->type == OPTION_WORD && o->words != NULL)
		print_words(o->words);
	else if (o->type == OPTION_YES_NO)
		printf("Cm yes | Cm no");
	else
		printf("Ar %s", o->arg != NULL ? o->arg : "value");
	putchar('\n');
}

static int print_fragment(const char *folder, const char *key)
{
	struct buf path = { 0 };
	buf_addf(&path, "%s/%s", folder, key);
	FILE *file = fopen(buf_str(&path), "r");
	if (file == NULL)
		perror(buf_str(&path));
	buf_release(&path);
	if (file == NULL)
		return -1;
	for (int c = getc(file); c != EOF; c = getc(file))
		putchar(c);
	fclose(file);
	return 0;
}

static int print_option(const char *folder, const struct option *o)
{
	print_head(o);
	if (print_fragment(folder, o->key) != 0)
		return -1;
	if (o->fallback != NULL && o->fallback[0] != '\0')
		printf("Default:\n.Li \"%s\" .\n", o->fallback);
	return 0;
}

static int print_group(const char *folder, const char *group)
{
	printf(".Ss %s\n.Bl -tag -width Ds\n", group);
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(options[i].group, group) == 0 &&
		    print_option(folder, &options[i]) != 0)
			return -1;
	printf(".El\n");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_keys();
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < option_count; i++)
		if (opens_group(i) && print_group(argv[1], options[i].group) != 0)
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
