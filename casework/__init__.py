"""The domain of a public funder's call for projects: what exists, and what must always be true.

Read in this order:

- `people` (users, grants of a role with a scope, organisations, territories) and `permissions` (who may do what, who
  sees what: `may` and `visible`, written once);
- `schemes` (stored versions of the 16 sheets), `applications` (the case and all that belongs to it), `money` (budget
  lines, payments), `expenses`, `documents`, `deadlines`, `outbox` (messages committed with the change);
- `agreements` (the text of conventions and amendments), `amendments` (the terms in force, and what changes them);
- `identities` (who participants are: sealed, found again by marks), `sealed` and `key_renewal` (the keys), `phonetics`;
- `participants` (journeys), `details` (levels and obstacles), `assessments` (their grids), `activities` (what is done
  with people, their months), `progress_records` (the CRE of each month);
- `journey_facts` (what a sheet follows for each of them: phases, hours a week, solutions, childcare);
- `register` and `register_tables` (all that is held on participants, declared), `person_export` (answering them),
  `information` (telling them), `retention` and `holds` (forgetting them), `looks` (who looked at whom);
- `committees` (what they are, who sat, what they decided), `meetings` (their entries in calendars);
- `bank` (the accounts that money goes to), `export_batches` (payments handed to the finance system), `reviews` (what an
  instruction retains of a budget), `decision_lists` (what an assembly decides), `indicators` (what operators say);
- `envelopes` (what is voted for a scheme, what decisions engage of it), `opendata` (what is published of it), `notes`;
- `journal` (append-only, hash-chained history), `search` (words of a case), `queries` (every list page's SQL);
- `settings`, `db`, `clock`, `errors`, `amounts`, `french`: the ground they stand on.

Nothing here knows Flask or a state machine. `workflows` moves the cases: `workflows.engine` is the only place where a
state changes, `workflows.application` declares the moves, `workflows.catalogue` reads the schemes and
`workflows.rules` computes grants, balances and calendars. `web` and `jobs` are thin shells around both.
`casework.__main__` is the command line and the one place that knows every layer.
"""
