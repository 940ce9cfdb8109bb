/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What systemd-journald does to audit and to what sigtraild writes. */
#include "cli/doctor.h"
#include "io/journald.h"

#define SERVICE "sigtraild.service"

static void check_audit(struct doctor *doctor, const struct journaldconf *conf)
{
	switch (journaldconf_audit(conf)) {
	case JOURNALD_AUDIT_LEAVE:
		finding_add(&doctor->found, FINDING_OK, "journald-audit",
			    "journald leaves auditing as it is (Audit=)");
		break;
	case JOURNALD_AUDIT_ON:
		finding_add(&doctor->found, FINDING_OK, "journald-audit",
			    "journald switches auditing on at each start (Audit=yes)");
		break;
	case JOURNALD_AUDIT_OFF:
		finding_add(&doctor->found, FINDING_PROBLEM, "journald-audit",
			    "journald switches auditing off at each of its starts "
			    "(Audit=no), upgrades included");
		finding_advise(&doctor->found,
			       "mkdir -p /etc/systemd/journald.conf.d && printf "
			       "'[Journal]\\nAudit=\\n' > "
			       "/etc/systemd/journald.conf.d/audit.conf");
		break;
	}
}

static void check_rate(struct doctor *doctor, const struct journaldconf *conf)
{
	int unlimited = 1;

	if (!journaldconf_is_unlimited(conf))
		unlimited = journald_is_unlimited(SERVICE);
	if (unlimited > 0) {
		finding_add(&doctor->found, FINDING_OK, "journald-rate",
			    "journald takes all that sigtraild writes");
		return;
	}
	if (unlimited < 0) {
		finding_add(&doctor->found, FINDING_UNCHECKED, "journald-rate",
			    "journald limits how much a service may write, and systemd "
			    "doesn't tell whether " SERVICE " is exempt");
		finding_advise(&doctor->found,
			       "LogRateLimitIntervalSec=0 in the unit that runs it");
		return;
	}
	finding_add(&doctor->found, FINDING_WARNING, "journald-rate",
		    "journald drops what " SERVICE " writes above a limit "
		    "(RateLimitBurst=)");
	finding_advise(&doctor->found,
		       "LogRateLimitIntervalSec=0 in its unit, as it is shipped");
}

void doctor_check_journald(struct doctor *doctor)
{
	struct journaldconf conf;

	doctor->journald = journald_listens();
	if (!doctor->journald && !doctor->systemd) {
		finding_add(&doctor->found, FINDING_OK, "journald",
			    "no systemd-journald runs here");
		return;
	}
	journald_read_conf(&conf, "");
	check_audit(doctor, &conf);
	check_rate(doctor, &conf);
}
