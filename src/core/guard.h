/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* guard: what others do to our rules and to the host's audit: when to look, whether to
 * put it back, and what the trail says about it. Told of the kernel's CONFIG_CHANGE
 * records and of what each look finds. Times named now_usec are CLOCK_MONOTONIC, all
 * others CLOCK_REALTIME. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/change.h"
#include "core/event.h"
#include "core/record.h"

/* What somebody can spoil. */
enum guard_matter {
	GUARD_AUDIT, /* auditing is off */
	GUARD_RULES, /* rules of ours are missing */
	GUARD_ORDER, /* rules of others hide ours, or keep their records from us */
	GUARD_BACKLOG,
	GUARD_MATTERS,
};

#define GUARD_DETAIL_SIZE 160

/* What a look at the kernel's audit found. */
struct guard_found {
	int64_t begin_usec; /* when it began and ended */
	int64_t end_usec;
	bool locked; /* until the next boot: nothing can be put back */
	bool wrong[GUARD_MATTERS];
	char detail[GUARD_MATTERS][GUARD_DETAIL_SIZE]; /* may be empty */
};

/* What is to be done about it. */
struct guard_decision {
	bool put_back;	       /* what was found wrong and can be */
	bool rules;	       /* the rules too */
	bool gave_up;	       /* for now: somebody undoes it again and again */
	bool holds;	       /* it holds after all */
	bool enabled_by_other; /* or the rules were loaded: that is to stay */
	bool loaded_by_other;
};

/* One matter, as it was found last and as records say. */
struct guard_concern {
	bool wrong;
	bool told;	       /* an entry says since when */
	int64_t since_usec;    /* of wrong */
	int64_t tell_usec;     /* when that entry is due, CLOCK_MONOTONIC */
	int64_t good_usec;     /* found right; 0: never */
	int64_t ended_usec;    /* the end of the last span */
	int64_t hint_usec;     /* the first record since the last look; 0: none */
	bool back;	       /* a later one says that it came back */
	bool back_by_us;       /* the last of those was of our own rules */
	int64_t past_usec;     /* the hint that the last look with one took; 0: none */
	int64_t past_end_usec; /* the end of that look */
	uint64_t serial;       /* of the event of that who did it; 0: none */
	struct change_call by;
	bool span; /* the next two are to be written */
	int64_t span_since_usec;
	int64_t span_until_usec;
	int64_t span_due_usec; /* CLOCK_MONOTONIC */
	char detail[GUARD_DETAIL_SIZE];
};

#define GUARD_PUT_BACKS_MAX 5
/* So many changes of ours may be made before their records are read. */
#define GUARD_OURS_MAX 16

/* Made by guard_init(). */
struct guard {
	bool acts;
	bool manages;
	const char *key;
	struct guard_concern concern[GUARD_MATTERS];
	int64_t look_usec;    /* when to look */
	int64_t settled_usec; /* when rules that change will have settled; 0: they don't
			       */
	int64_t looked_usec;  /* when that was last, CLOCK_MONOTONIC */
	int64_t first_hint_usec; /* of the changes that aren't settled yet; 0: none */
	struct guard_ours {
		int64_t since_usec;
		int64_t until_usec;
	} ours[GUARD_OURS_MAX]; /* when we changed rules ourselves */
	size_t n_ours;
	bool deaf; /* records of a change may have been lost since the last look */
	int64_t put_back_usec[GUARD_PUT_BACKS_MAX]; /* the newest first */
	bool fight;
	int64_t pause_usec;
	int64_t rest_usec;  /* until when nothing is put back */
	int64_t wrong_usec; /* found last what can be put back */
};

/* Writes the entry; negative: it couldn't, and the entry is due again a second later. */
typedef int guard_event_fn(const struct signal_event *ev, void *userdata);

/* acts: what is spoiled is put back, else only told. manages: the rules too. key: of our
 * rules, static. The first look is due at once. */
void guard_init(struct guard *guard, bool acts, bool manages, const char *key,
		int64_t now_usec);

/* Other settings from now on. */
void guard_set(struct guard *guard, bool acts, bool manages);

/* To be shown each record. */
void guard_see(struct guard *guard, const struct record *record, int64_t now_usec);

/* Records may have been lost. */
void guard_missed(struct guard *guard, int64_t now_usec);

/* We changed rules ourselves in this time. */
void guard_ours(struct guard *guard, int64_t since_usec, int64_t until_usec);

/* Somebody is awake who would sleep until the next look otherwise: if that is near it is
 * due now. */
void guard_awake(struct guard *guard, int64_t now_usec);

/* When to look next. */
int64_t guard_look_usec(const struct guard *guard);

/* What a look found. If it says so, that is to be put back, and looked again with
 * guard_put_back() in between. */
struct guard_decision guard_found(struct guard *guard, const struct guard_found *found,
				  int64_t now_usec);

/* It was, or was tried. */
void guard_put_back(struct guard *guard, int64_t now_usec);

/* It can't be yet: the next look is soon. */
void guard_put_off(struct guard *guard, int64_t now_usec);

/* The look failed: the next is later. */
void guard_failed(struct guard *guard, int64_t now_usec);

/* Hands out the entries that are due: "incomplete" for a time that is over, "rules" for
 * what isn't as it should be since a second. */
void guard_write(struct guard *guard, int64_t time_usec, int64_t now_usec,
		 guard_event_fn *event, void *userdata);

/* When guard_write() or a look has something to do. */
int64_t guard_deadline(const struct guard *guard);

/* The end: writes all, and that what is wrong was so up to now. */
void guard_finish(struct guard *guard, int64_t time_usec, guard_event_fn *event,
		  void *userdata);
