"""The names of the random streams: every draw in the model belongs to one of them.

A draw is keyed by (seed, stream, month, uid, draw number). Adding a stream at the end changes
no other stream. Numbers are part of the reproducibility contract: never renumber.
"""

from __future__ import annotations

POPULATION = 1
DEATH = 2
BIRTH = 3
SEX_AT_BIRTH = 4
NEW_PERSON = 5
UNION = 6
ENROL = 7
STUDY_PLACE = 8
GRADUATE = 9
ADULT_STUDY = 10
SEPARATE = 11
SEARCH = 12
SEARCH_PLACE = 13
SEARCH_VACANCY = 14
REFERRAL = 15
MATCH_PRIORITY = 16
VACANCY_ROUNDING = 17
PAY_LUCK = 18
FALLBACK = 19
CONSIDER = 20
CHOICE_SET = 21
CHOICE = 22
MOVE_PRIORITY = 23
COUNTY = 24
HUKOU = 25
RELABEL = 26
TIES = 27
RETIRE = 28
DISABILITY = 29
FLEXIBLE_ENTRY = 30
COHORT_PLACE = 31
FIRM_ENTRY = 32
FIRM_EXIT = 33
FIRM_RELOCATE = 34
FIRM_SIZE = 35
FOUND_FIRM = 36
HEALTH_SHOCK = 37
CLAIM_PRIORITY = 38
TAKE_UP = 39
DELIVERY = 40
