-- Who ended processes of a unit, on any host, the newest first.
SELECT time, HOSTNAME, SIGTRAIL_SIGNAL, SENDER_COMM, SENDER_EXE, SENDER_UNIT, MESSAGE
FROM sigtrail.entries
WHERE TARGET_UNIT = 'nginx.service' AND SIGTRAIL_SIGNAL IN ('SIGTERM', 'SIGKILL')
ORDER BY SIGTRAIL_TIME_USEC DESC
LIMIT 100;

-- Which program sends which signal how often; floods stand in one entry.
SELECT SENDER_EXE, SIGTRAIL_SIGNAL, count() + sum(ifNull(SIGTRAIL_REPEATED, 0)) AS signals,
    uniq(HOSTNAME) AS hosts
FROM sigtrail.entries
WHERE time > now() - 86400 AND SENDER_EXE != ''
GROUP BY SENDER_EXE, SIGTRAIL_SIGNAL
ORDER BY signals DESC
LIMIT 50;

-- Threads that were taken for processes, and old PID files.
SELECT time, HOSTNAME, MESSAGE
FROM sigtrail.entries
WHERE PRIORITY = 4 AND SIGTRAIL_SIGNAL != ''
ORDER BY SIGTRAIL_TIME_USEC DESC
LIMIT 100;

-- Hosts whose trail isn't complete, why, and how much is missing.
SELECT HOSTNAME, SIGTRAIL_CAUSE, SIGTRAIL_OF, count() AS entries, sum(SIGTRAIL_LOST) AS lost,
    max(time) AS last
FROM sigtrail.entries
WHERE SIGTRAIL_EVENT = 'incomplete'
GROUP BY HOSTNAME, SIGTRAIL_CAUSE, SIGTRAIL_OF
ORDER BY last DESC;
