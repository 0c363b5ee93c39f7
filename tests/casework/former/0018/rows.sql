-- Invented people and cases, written by the service of migration 0018: some rows of every table, as a backup holds them.
-- Instants are in UTC.

INSERT INTO convention_template (id, number, text, digest, made_at, made_by, kind) VALUES
(1, 1, '# Objet
Par la présente convention, {porteur} s’engage à réaliser, à son initiative et sous sa responsabilité, l’opération « {projet} », au titre du dispositif {dispositif} de l’appel à projets {campagne}.

Le Département contribue financièrement à cette opération et n’attend aucune contrepartie directe de la subvention. Autres porteurs associés à l’opération : {co_porteurs}.

La subvention est accordée par la décision {decision_reference} du {decision_date}.

# Durée et territoires
L’opération se déroule du {debut} au {fin} inclus. La convention ne se renouvelle pas d’elle-même.

L’opération se déroule sur les territoires suivants : {territoires}.

# Montant de la subvention
La subvention est de {montant} ({montant_lettres}) au plus. Elle ne peut dépasser les dépenses acceptées après contrôle, déduction faite des autres financements.

# Modalités de versement
Une avance de {avance} ({avance_lettres}), soit {avance_taux} de la subvention, est proposée à la signature de la convention par les deux parties.

Le solde est versé après le contrôle du bilan final. L’avance et le solde ne dépassent jamais ensemble le montant de la subvention. Si le montant dû est inférieur à l’avance versée, la différence est reversée au Département.

{versements}

# Engagements du porteur
Le porteur réalise l’opération telle qu’elle est décrite dans son dossier {reference}, signale sans délai toute difficulté et respecte les obligations suivantes :

{obligations}

# Bilan final
Le porteur remet le bilan final au plus tard le {remise_bilan}. Il contient :

{bilan}

Les dépenses sont acceptées si elles étaient prévues, engagées pendant l’opération, payées au jour de la remise du bilan et justifiées.

# Calendrier
Les échéances ci-dessous résultent des dates de l’opération. Elles sont calculées de nouveau si ces dates changent par avenant.

{calendrier}

# Contrôle et conservation des pièces
Le porteur facilite le contrôle sur pièces et sur place par le Département et conserve les pièces justificatives pendant dix ans.

# Avenant
Toute modification des dates, du montant ou des porteurs fait l’objet d’un avenant signé par les deux parties.

# Résiliation
En cas de manquement, le Département peut résilier la convention, avec un motif écrit. Les sommes versées qui ne correspondent pas à des dépenses acceptées sont reversées.', '65efbb590bb3d06527eb82a69bfa2c5234a8c2c1b94f2932e8ab37f8632c86b3', '2024-01-01 00:00:00.000000', 'Texte fourni', 'convention'),
(2, 1, '# Objet
Le présent avenant n° {avenant} modifie la convention n° {numero}, signée le {convention_date} avec {porteur} pour l’opération « {projet} », au titre du dispositif {dispositif} de l’appel à projets {campagne}.

Il est établi pour le motif suivant : {motif}

# Modifications
Les termes de la convention sont remplacés comme suit :

{modifications}

# Termes de la convention une fois modifiés
L’opération se déroule du {debut} au {fin}. La subvention est d’un montant maximal de {montant} ({montant_lettres}). Autres porteurs : {co_porteurs}.

Le bilan final est remis au plus tard le {remise_bilan}.

# Calendrier
Les échéances de l’opération sont calculées de nouveau. Celles qui ont été honorées le restent ; une échéance prolongée par le Département garde sa prolongation.

{calendrier}

# Entrée en vigueur
L’avenant entre en vigueur à la date de la dernière signature. Les autres articles de la convention restent inchangés. Une avance déjà versée n’est pas calculée de nouveau.', '4bfdb7d6949e4dcf609f65e6599a88596c2c58e177667d84d4576e896b3d13e8', '2024-01-01 00:00:00.000000', 'Texte fourni', 'amendment');

INSERT INTO counter (series, value) VALUES
('2024-3.1', 2);

INSERT INTO demo_clock (id, offset_seconds) VALUES
(1, -48529741);

INSERT INTO envelope (id, campaign, scheme_code, voted_cents) VALUES
(1, '2024', '3.1', 18000000);

INSERT INTO job_run (id, name, started_at, ended_at, done, failed, error, note) VALUES
(1, 'outbox', '2025-05-15 07:30:00.000000', '2025-05-15 07:30:00.000000', 637, 0, '', '');

INSERT INTO job_watch (name, position, label, schedule, seen_at, silent_after) VALUES
('outbox', 5, 'Envoi des messages', 'toutes les minutes', '2025-05-15 07:30:00.000000', '2025-05-15 07:32:00.000000');

INSERT INTO lease (name, holder, until) VALUES
('jobs', 'taches-1', '2025-05-15 08:00:00.000000');

INSERT INTO login_failure (id, at, account_digest, address_digest) VALUES
(1, '2025-05-15 08:00:00.000000', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb');

INSERT INTO organisation (id, siret, name, legal_form, address, postcode, town, email, phone, created_at, fiscal_year_end) VALUES
(1, '00000001800010', 'Les Ateliers du Ternois', 'association', '12 rue des Tilleuls', '62130', 'Saint-Pol-sur-Ternoise', 'contact1@demo.casework.invalid', '', '2023-12-01 08:00:00.000000', '12-31'),
(2, '00000002600013', 'Horizon Insertion', 'association', '4 place du Marché', '62000', 'Arras', 'contact2@demo.casework.invalid', '', '2023-12-01 08:00:00.000000', '12-31'),
(3, '00000003400017', 'Côte et Compétences', 'association', '31 quai des Paquebots', '62100', 'Calais', 'contact3@demo.casework.invalid', '', '2023-12-01 08:00:00.000000', '12-31'),
(4, '00000004200010', 'Mobil’Pas', 'association', '8 avenue de la Gare', '62300', 'Lens', 'contact4@demo.casework.invalid', '', '2023-12-01 08:00:00.000000', '12-31');

INSERT INTO person (id, family_name, given_name, birth_date, sex, town, postcode, match_key, created_at, erased_at) VALUES
(55, 'Aubrietta', 'Chloé', '1982-05-01', 'F', 'Calais', '62100', 'aubriettachloe', '2024-04-19 09:00:00.000000', NULL),
(58, 'Dianthier', 'Florian', '1997-08-06', 'M', 'Arras', '62000', 'dianthierflorian', '2024-06-09 09:00:00.000000', NULL),
(59, 'Erigeronne', 'Ghislaine', '1970-09-17', 'F', 'Lens', '62300', 'erigeronneghislaine', '2024-06-26 09:00:00.000000', NULL),
(60, 'Filipendal', 'Hamid', '2001-10-28', 'M', 'Calais', '62100', 'filipendalhamid', '2024-07-13 09:00:00.000000', NULL),
(121, 'Heucherel', 'Amandine', '1969-04-22', 'F', 'Lens', '62300', 'heucherelamandine', '2024-04-13 09:00:00.000000', NULL),
(124, '–', '–', '1984-01-01', 'M', '', '', '', '2024-05-01 09:00:00.000000', '2025-05-14 04:15:00.000000');

INSERT INTO scheme_version (id, campaign, code, position, number, title, invented, digest, imported_at, imported_by, content) VALUES
(5, '2024', '3.5', 5, 1, 'Actions innovantes en faveur de la mobilité solidaire', FALSE, '90f1d86045aec8f48a5c5997345e19d915c5e22a47187e09c795e6232e85d7ed', '2023-12-01 08:00:00.000000', 'Installation', '{"anomalies":[{"defect":"La première session ferme le 31/01/2024 mais admet des démarrages dès le 01/01/2024, avant toute décision.","lines":"l.1055","reading":"Démarrage rétroactif admis, signalé par un avertissement qu’un agent peut accepter."},{"defect":"Aucune session ne couvre un démarrage entre le 02/08/2024 et le 31/08/2024.","lines":"l.1055-1058","reading":"Avertissement seulement, sans blocage."},{"defect":"Un solde dit annuel pour une opération de 12 mois au plus.","lines":"l.1069, l.1091","reading":"Un seul solde par convention."},{"defect":"La partie paiement ne donne aucun délai de bilan ; seule la partie évaluation en fixe un.","lines":"l.1088-1091, l.1111","reading":"Le solde attend le bilan, dû 1 mois après la fin effective de la convention."},{"defect":"Ni la base de la part de jeunes, ni le cas des allocataires du RSA de moins de 26 ans ne sont précisés.","lines":"l.961-963","reading":"Part de toutes les personnes accompagnées, selon l’âge à l’entrée."},{"defect":"Les six orientations annoncées portent plus haut le nom d’objectifs.","lines":"l.944-955, l.974-976","reading":"Ce sont ces six points."},{"defect":"La formule sur la prévention est incomplète.","lines":"l.955","reading":"Prévenir les obstacles à la mobilité."},{"defect":"La liste des sessions finit comme si une troisième manquait.","lines":"l.1059","reading":"Deux sessions, comme annoncé."},{"defect":"Deux listes de contacts SLAI se suivent et se contredisent.","lines":"l.1137-1171","reading":"Un seul annuaire, importé et modifiable ; la première liste, commune aux autres fiches, fait foi."}],"applicant_means_required":[],"application_windows":[{"closes":"2024-01-31","line":1055,"note":null,"opens":"2023-12-14","operations_from":"2024-01-01","operations_to":"2024-08-01"},{"closes":"2024-05-31","line":1058,"note":null,"opens":"2024-04-01","operations_from":"2024-09-01","operations_to":"2024-12-01"}],"campaign":"2024","child_age_limit":null,"code":"3.5","convention":{"fixed_from":null,"fixed_to":null,"line":1069,"max_months":12,"tacit_renewal_forbidden":true},"deposit_channels":["E-partenaire"],"dynamic_exits":null,"eligible_applicants":["Structure offrant un service direct de mobilité inclusive, en complément de l’offre existante (l.1040-1042)"],"figures":[{"key":"accompanied_rsa","kinds":[],"label":"Bénéficiaires du RSA accueillis","line":1120,"measure":"accompanied","public":"rsa","young":false},{"key":"accompanied_young","kinds":[],"label":"Moins de 26 ans accueillis","line":1122,"measure":"accompanied","public":null,"young":true},{"key":"solutions","kinds":[],"label":"Solutions de mobilité apportées, au total","line":1124,"measure":"entered","public":null,"young":false},{"key":"solutions_in_path","kinds":[],"label":"Solutions apportées dans un parcours suivi par Mamobilité62","line":1125,"measure":"entered","public":null,"young":false},{"key":"committees","kinds":[],"label":"Comités tenus","line":1129,"measure":"committees","public":null,"young":false}],"final_report":{"due_fixed":null,"due_months_after_end":1,"evidence_required":false,"financial_rules":[],"line":1111,"parts":["Bilan final d’exécution (l.1111)"]},"followup":{"attendee_codes":["slai","mamobilite62"],"committee":"quarterly","cre_per_participant":false,"cre_validated_by_slai":false,"dashboard_before_committee":true,"dashboard_requested_by":"Centre de ressources de Mamobilité62","line":1097,"mandatory_attendees":["SLAI du territoire","Représentant de Mamobilité62"],"participant_tracking_table":false},"form":{"accreditation_document":null,"co_bearers":false,"documents":[{"help":null,"key":"statutes","label":"Statuts à jour de la structure","line":null,"required":true},{"help":null,"key":"officers_list","label":"Liste des dirigeants (bureau, conseil d’administration)","line":null,"required":true},{"help":null,"key":"rib","label":"Relevé d’identité bancaire (RIB)","line":null,"required":true},{"help":null,"key":"last_accounts","label":"Derniers comptes annuels approuvés","line":null,"required":true}],"questions":[{"choices":["Accompagnement individuel renforcé","Information et coordination de l’offre","Nouvelles offres selon les besoins des territoires","Accès à l’offre classique et nouveaux usages","Coordination des financements","Mobilité durable"],"help":"Au moins une des six.","key":"strategic_orientations","kind":"choices","label":"Orientations de Mamobilité62 auxquelles le projet répond","line":974,"required":true,"section":"projet"},{"choices":[],"help":"Décrivez les étapes, leur calendrier et les méthodes employées.","key":"approach","kind":"long_text","label":"Démarche proposée et étapes de mise en œuvre","line":999,"required":true,"section":"projet"},{"choices":[],"help":null,"key":"complementarity","kind":"long_text","label":"Complémentarité avec l’offre de mobilité existante","line":972,"required":true,"section":"projet"},{"choices":[],"help":null,"key":"participants","kind":"number","label":"Nombre de personnes que vous prévoyez d’accompagner","line":1120,"required":true,"section":"public"},{"choices":[],"help":"Au plus 20 % des personnes accompagnées.","key":"young_participants","kind":"number","label":"Dont personnes de moins de 26 ans à l’entrée","line":962,"required":true,"section":"public"},{"choices":[],"help":null,"key":"means","kind":"long_text","label":"Moyens humains et matériels affectés à l’opération","line":1076,"required":true,"section":"moyens"},{"choices":[],"help":null,"key":"follow_up","kind":"long_text","label":"Organisation du suivi des parcours et des comités","line":1097,"required":true,"section":"suivi"},{"choices":[],"help":null,"key":"dashboard","kind":"yes_no","label":"Transmettre le tableau de bord avant chaque comité de suivi","line":1105,"required":true,"section":"engagements"},{"choices":[],"help":null,"key":"platform_membership","kind":"yes_no","label":"Participer aux travaux de la plateforme Mamobilité62","line":1025,"required":true,"section":"engagements"}]},"funding":{"accepted_categories":["personnel","operating","external_services"],"cap_line":null,"cap_per_participant_month_eur":null,"cap_per_project_eur":null,"capacity_participants_per_year":null,"conditional_split":[],"direct_costs":["Personnel lié au service rendu (l.1076)","Fonctionnement lié au service rendu (l.1078)","Prestations contribuant au service rendu (l.1079-1081)"],"exit_objective_per_post":null,"hours_objective":null,"indirect":{"base":"20 % au plus du total des dépenses engagées, hors prestations","base_kind":"total_excl_services","flat_or_ceiling":"ceiling","line":1083,"rate_pct":20},"operating_only":[],"staffing":null,"staffing_participants_per_fte":null},"indicators":["Bénéficiaires du RSA accueillis (l.1120)","Moins de 26 ans accueillis (l.1122)","Solutions de mobilité apportées, au total (l.1124)","Solutions apportées dans un parcours suivi par Mamobilité62 (l.1125-1127)","Comités de suivi tenus (l.1129)"],"invented":false,"line_range":[922,1171],"orientation_line":1009,"orientation_validated_by_slai":true,"other_documents":[{"due":"avant chaque comité de suivi et à la demande du centre de ressources de Mamobilité62","line":1103,"name":"Tableau de bord tenu en continu"}],"payment":{"advance":"yes","advance_default_pct":80,"advance_max_pct":80,"annual_balance":true,"balance":"Solde annuel, si les objectifs sont tenus et le bilan remis (l.1091)","balance_report_months":null,"line":1090},"phases":["Étapes librement proposées par le porteur (l.999)"],"prior_opinions":[{"blocking":false,"body":"slai","by":"SLAI","kind":"opportunity_and_feasibility","line":1003,"only_for":null}],"required_accreditation":null,"sessions_announced":2,"settings":[{"choice":"23 h 59 min 59 s, heure de Paris, le jour de clôture inclus.","point":"Heure de clôture"},{"choice":"Avertissement enregistré, qu’un agent peut accepter ; jamais un blocage.","point":"Démarrage hors période ou rétroactif"},{"choice":"Refusé ; le brouillon reste lisible et peut passer dans une session ultérieure du même dispositif.","point":"Dépôt tardif"},{"choice":"Demandé après la recevabilité, attendu sous 21 jours ; le silence est un retard, jamais un avis ; défavorable, il avertit sans bloquer.","point":"Avis du SLAI"},{"choice":"Un avis par territoire, tous exigés.","point":"Plusieurs territoires"},{"choice":"Mesurée sur les personnes accompagnées depuis le début, selon l’âge à l’entrée ; alerte dès 15 %, accord d’un agent au-delà de 20 %.","point":"Part de jeunes"},{"choice":"Un seul solde par convention.","point":"Solde annuel"},{"choice":"Fin effective de la convention plus 1 mois, même quantième ou dernier jour du mois.","point":"Échéance du bilan"},{"choice":"Compté depuis le démarrage de l’opération.","point":"Trimestre des comités"},{"choice":"Attendu 7 jours avant chaque comité.","point":"Tableau de bord"},{"choice":"Si le montant dû est inférieur à l’avance, le reversement de la différence est proposé.","point":"Reversement"},{"choice":"Admis et montré au SLAI.","point":"Personne suivie dans plusieurs opérations"},{"choice":"Identité des participants : 2 ans après le dernier contact. Pièces financières : 10 ans. Un dossier en contrôle n’est jamais effacé.","point":"Conservation"}],"special_rules":["Deux actes avant la clôture : déposer, puis valider ; un dossier déposé sans validation est hors délai (l.1061-1063, 1063-1065).","La limite de 20 % de jeunes vaut par action ; le second public n’a ni condition d’âge ni de RSA (l.961-966).","Répondre à au moins une des six orientations, sans concurrencer l’offre existante (l.948-955, 972-976).","Public orienté après validation du SLAI (l.1009).","SLAI et Mamobilité62 présents à chaque comité trimestriel (l.1011-1012, 1097-1101).","Tableau de bord transmis avant chaque comité (l.1105-1107).","La structure retenue devient membre de la plateforme Mamobilité62 (l.1025-1027).","Le Département peut classer les projets selon ces orientations (l.1044-1046).","Pas de tacite reconduction (l.1069-1070).","Le nombre de comités tenus est un indicateur (l.1129).","Avance limitée à 80 % ; solde selon les objectifs et le bilan (l.1090-1091)."],"summary":"Services de mobilité solidaire qui complètent l’offre existante et lèvent les freins de déplacement vers l’emploi, avec la plateforme Mamobilité62.","target_public":["Bénéficiaires du RSA et jeunes de moins de 26 ans en précarité, freinés par la mobilité (20 % de jeunes au plus) (l.961-963)","Personne éloignée de l’emploi en parcours avec un conseiller Mamobilité62 (l.965-966)"],"territories":{"line":1031,"priority":[],"scope":"nine"},"title":"Actions innovantes en faveur de la mobilité solidaire","youth_age":26,"youth_cap_pct":20}'),
(10, '2024', '3.10', 10, 1, 'Aide à l’encadrement dans les Associations Intermédiaires', FALSE, '0308f713928baf00621ca7a70c0637bfeac8656e0f2fdcf19b8610ff693385e1', '2023-12-01 08:00:00.000000', 'Installation', '{"anomalies":[{"defect":"La première session ferme le 31/01/2024 mais admet des démarrages dès le 01/01/2024, avant toute décision.","lines":"l.2486","reading":"Démarrage rétroactif admis, signalé par un avertissement qu’un agent peut accepter."},{"defect":"Aucune session ne couvre un démarrage entre le 02/08/2024 et le 31/08/2024.","lines":"l.2486-2489","reading":"Avertissement seulement, sans blocage."},{"defect":"Démarrages admis jusqu’au 01/12/2024, mais opération fixée à l’année 2024.","lines":"l.2486-2490, l.2500","reading":"Les dates fixes valent pour la première session ; sinon elles sont saisies au dossier."},{"defect":"Le 31/03/2025 ne convient qu’à une convention finissant le 31/12/2024.","lines":"l.2572-2574","reading":"Pour les autres, fin de convention plus 3 mois."},{"defect":"Un solde dit annuel pour une opération de 12 mois au plus.","lines":"l.2500, l.2542","reading":"Un seul solde par convention."},{"defect":"Le solde ne donne pas d’échéance, l’évaluation si.","lines":"l.2536-2542, l.2572","reading":"Solde après le bilan."},{"defect":"Postes et participants sont mêlés dans les objectifs et les plafonds.","lines":"l.2511, l.2516, l.2534","reading":"Un mois-poste vaut un mois-participant."},{"defect":"Le référentiel qualité est dit « accès » sur quatre thèmes.","lines":"l.2395","reading":"Lire « axé » ; les quatre thèmes sont notés."},{"defect":"Séparateur et parenthèse manquants dans les emplois durables.","lines":"l.2607-2611","reading":"Création d’entreprise et fonction publique sont deux sorties."},{"defect":"Les autres types de contrats ne sont pas définis.","lines":"l.2619","reading":"Tout contrat hors des deux autres catégories."},{"defect":"Ni urbain ni rural ne sont définis.","lines":"l.2518-2520","reading":"Le milieu est déclaré pour l’opération."}],"applicant_means_required":["Moyens humains et matériels adaptés à l’opération et à son suivi administratif et financier (l.2419-2421)","Description complète de ces moyens dans la demande (l.2421-2423)"],"application_windows":[{"closes":"2024-01-31","line":2486,"note":null,"opens":"2023-12-14","operations_from":"2024-01-01","operations_to":"2024-08-01"},{"closes":"2024-05-31","line":2489,"note":null,"opens":"2024-04-01","operations_from":"2024-09-01","operations_to":"2024-12-01"}],"campaign":"2024","child_age_limit":null,"code":"3.10","convention":{"fixed_from":"2024-01-01","fixed_to":"2024-12-31","line":2500,"max_months":12,"tacit_renewal_forbidden":false},"deposit_channels":["E-partenaire"],"dynamic_exits":{"durable":["CDI","CDD de 6 mois et plus (hors contrat aidé)","Contrat de mission de 6 mois et plus","Création d’entreprise","Intégration dans la fonction publique","contrat de professionnalisation","contrat d’apprentissage","développement d’une activité indépendante"],"line":2603,"positive":["Formation qualifiante ou poursuite de formation qualifiante","Embauche sur un emploi d’insertion par une (autre) SIAE","Autre(s) type(s) de contrats"],"transition":["CDD de moins de 6 mois","Contrat de mission de moins de 6 mois","Contrat aidé conclu sous la forme d’un CDD"]},"eligible_applicants":["Association loi 1901 agréée association intermédiaire (l.2472-2474)"],"figures":[{"key":"accompanied","kinds":[],"label":"Participants accompagnés","line":2595,"measure":"accompanied","public":null,"young":false},{"key":"accompanied_rsa","kinds":[],"label":"Participants accompagnés, bénéficiaires du RSA","line":2597,"measure":"accompanied","public":"rsa","young":false},{"key":"accompanied_young","kinds":[],"label":"Participants accompagnés, moins de 26 ans","line":2599,"measure":"accompanied","public":null,"young":true},{"key":"hours","kinds":[],"label":"Heures de mise à disposition","line":2601,"measure":"hours","public":null,"young":false},{"key":"dynamic_exits","kinds":[],"label":"Sorties dynamiques","line":2603,"measure":"dynamic_exits","public":null,"young":false},{"key":"durable_exits","kinds":["durable"],"label":"Sorties dans l’emploi durable","line":2603,"measure":"exits","public":null,"young":false},{"key":"transition_exits","kinds":["transition"],"label":"Sorties dans l’emploi de transition","line":2603,"measure":"exits","public":null,"young":false},{"key":"positive_exits","kinds":["positive"],"label":"Sorties positives","line":2603,"measure":"exits","public":null,"young":false}],"final_report":{"due_fixed":"2025-03-31","due_months_after_end":3,"evidence_required":true,"financial_rules":[],"line":2572,"parts":["Bilan pédagogique (l.2580)","Bilan d’exécution (l.2585)","CRE remplis, validés par le porteur et le SLAI (l.2589)"]},"followup":{"attendee_codes":["slai"],"committee":"several_per_year","cre_per_participant":true,"cre_validated_by_slai":true,"dashboard_before_committee":false,"dashboard_requested_by":null,"line":2558,"mandatory_attendees":["SLAI"],"participant_tracking_table":false},"form":{"accreditation_document":"accreditation","co_bearers":false,"documents":[{"help":null,"key":"statutes","label":"Statuts à jour de la structure","line":null,"required":true},{"help":null,"key":"officers_list","label":"Liste des dirigeants (bureau, conseil d’administration)","line":null,"required":true},{"help":null,"key":"rib","label":"Relevé d’identité bancaire (RIB)","line":null,"required":true},{"help":null,"key":"last_accounts","label":"Derniers comptes annuels approuvés","line":null,"required":true},{"help":null,"key":"accreditation","label":"Agrément de l’État comme association intermédiaire","line":2474,"required":true}],"questions":[{"choices":[],"help":"Décrivez les étapes, leur calendrier et les méthodes employées.","key":"approach","kind":"long_text","label":"Démarche proposée et étapes de mise en œuvre","line":2413,"required":true,"section":"projet"},{"choices":["urbain","rural"],"help":"Il fixe l’objectif d’heures de mise à disposition : 10 par personne et par mois en milieu urbain, 8 en milieu rural.","key":"setting","kind":"choice","label":"Milieu d’intervention","line":2518,"required":true,"section":"projet"},{"choices":[],"help":null,"key":"school_market","kind":"yes_no","label":"Êtes-vous titulaire d’un lot du marché d’insertion dans les collèges ?","line":2427,"required":true,"section":"projet"},{"choices":[],"help":"Objectif : nombre de postes × 12 mois d’accompagnement.","key":"posts","kind":"number","label":"Nombre de postes d’insertion demandés","line":2516,"required":true,"section":"public"},{"choices":[],"help":null,"key":"participants","kind":"number","label":"Nombre de personnes que vous prévoyez d’accompagner","line":2595,"required":true,"section":"public"},{"choices":[],"help":"Au plus 20 % des personnes accompagnées.","key":"young_participants","kind":"number","label":"Dont personnes de moins de 26 ans à l’entrée","line":2337,"required":true,"section":"public"},{"choices":[],"help":null,"key":"support_staff_fte","kind":"decimal","label":"Encadrants socioprofessionnels et techniques affectés (ETP)","line":2511,"required":true,"section":"moyens"},{"choices":[],"help":null,"key":"means","kind":"long_text","label":"Moyens humains et matériels affectés à l’opération","line":2419,"required":true,"section":"moyens"},{"choices":[],"help":null,"key":"follow_up","kind":"long_text","label":"Organisation du suivi des parcours et des comités","line":2405,"required":true,"section":"suivi"},{"choices":[],"help":null,"key":"quality_commitments","kind":"long_text","label":"Engagements sur les quatre thèmes qualité : projet professionnel, mobilité, savoir-être, numérique","line":2393,"required":true,"section":"engagements"},{"choices":[],"help":null,"key":"cre","kind":"yes_no","label":"Transmettre les comptes rendus d’exécution validés par le SLAI","line":2552,"required":true,"section":"engagements"},{"choices":[],"help":null,"key":"exit_evidence","kind":"yes_no","label":"Joindre les justificatifs de sortie au bilan","line":2564,"required":true,"section":"engagements"}]},"funding":{"accepted_categories":["personnel"],"cap_line":2534,"cap_per_participant_month_eur":195,"cap_per_project_eur":null,"capacity_participants_per_year":null,"conditional_split":[{"condition":"Mois d’accompagnement (postes × 12) et heures de mise à disposition par participant (10 par mois en milieu urbain, 8 en milieu rural)","line":2516,"measure":"months_and_hours","share_pct":90},{"condition":"Sorties dynamiques : 0,45 par poste financé","line":2524,"measure":"exits","share_pct":5},{"condition":"Référentiel qualité de l’accompagnement","line":2530,"measure":"quality","share_pct":5}],"direct_costs":["Personnel d’encadrement technique ou socioprofessionnel lié à l’opération (l.2505-2507)"],"exit_objective_per_post":"0.45","hours_objective":{"line":2518,"rural":8,"urban":10},"indirect":{"base":"20 % des dépenses directes de personnel","base_kind":"personnel","flat_or_ceiling":"flat","line":2509,"rate_pct":20},"operating_only":[],"staffing":"1 ETP d’encadrement pour 15 participants par mois, en moyenne annuelle (l.2511-2513)","staffing_participants_per_fte":15},"indicators":["Participants accompagnés, dont bénéficiaires du RSA et moins de 26 ans (l.2595-2599)","Heures de mise à disposition (l.2601)","Sorties dynamiques (l.2603-2619)"],"invented":false,"line_range":[2308,2643],"milestones":[{"code":"college_limit","line":2435}],"orientation_line":2409,"orientation_validated_by_slai":true,"other_documents":[{"due":"pendant toute l’opération, transmis au Département après validation du SLAI","line":2552,"name":"Comptes rendus d’exécution (CRE) par bénéficiaire"}],"payment":{"advance":"yes","advance_default_pct":80,"advance_max_pct":null,"annual_balance":true,"balance":"Solde annuel, si les objectifs sont tenus et le bilan remis (l.2542)","balance_report_months":null,"line":2540},"phases":["Accompagnement socioprofessionnel (l.2349)","Encadrement technique (l.2375)"],"prior_opinions":[],"required_accreditation":"agrément de l’État (CDIAE)","sessions_announced":2,"settings":[{"choice":"23 h 59 min 59 s, heure de Paris, le jour de clôture inclus.","point":"Heure de clôture"},{"choice":"Avertissement enregistré, qu’un agent peut accepter ; jamais un blocage.","point":"Démarrage hors période ou rétroactif"},{"choice":"Refusé ; le brouillon reste lisible et peut passer dans une session ultérieure du même dispositif.","point":"Dépôt tardif"},{"choice":"80 % proposés ; un agent peut proposer moins.","point":"Taux d’avance"},{"choice":"Au prorata du résultat, dans la limite de 100 % ; la part qualité est notée par l’agent sur quatre thèmes.","point":"Parts conditionnelles 90/5/5"},{"choice":"Un mois-poste vaut un mois-participant.","point":"Mois d’accompagnement"},{"choice":"Chacun compte pour la moitié de la part de 90 % ; l’objectif d’heures suit le milieu, urbain ou rural, de l’opération.","point":"Mois et heures"},{"choice":"Mesurée sur les personnes accompagnées depuis le début, selon l’âge à l’entrée ; alerte dès 15 %, accord d’un agent au-delà de 20 %.","point":"Part de jeunes"},{"choice":"Un seul solde par convention.","point":"Solde annuel"},{"choice":"Fin effective de la convention plus 3 mois, même quantième ou dernier jour du mois ; la date fixe de la fiche pour une opération sur l’année civile.","point":"Échéance du bilan"},{"choice":"Trimestriel, compté depuis le démarrage de l’opération.","point":"Rythme des comités"},{"choice":"Mensuel, attendu le 10 du mois suivant ; le SLAI valide sous 10 jours.","point":"Compte rendu d’exécution"},{"choice":"Si le montant dû est inférieur à l’avance, le reversement de la différence est proposé.","point":"Reversement"},{"choice":"Admis et montré au SLAI ; la règle des collèges est appliquée.","point":"Personne suivie dans plusieurs opérations"},{"choice":"Identité des participants : 2 ans après le dernier contact. Pièces financières : 10 ans. Un dossier en contrôle n’est jamais effacé.","point":"Conservation"}],"special_rules":["Deux actes avant la clôture : déposer, puis valider ; un dossier déposé sans validation est hors délai (l.2492-2494, 2494-2496).","Chaque positionnement est validé par le SLAI avant l’entrée (l.2409-2411).","Au plus 20 % de jeunes parmi tous les participants (l.2337).","Objectifs : postes × 12 mois, postes × 0,45 sorties, 10 ou 8 heures par personne et par mois selon le milieu (l.2516-2528).","Une même part de 90 % couvre les mois et les heures, sans partage entre eux (l.2516-2522).","Plafond de 195 € par participant et par mois (l.2534).","Marché des collèges : suivi compté 2 mois au plus après l’entrée au collège, retour possible ; rien pour une entrée directe au collège (l.2425-2448).","1 ETP d’encadrement pour 15 participants, en moyenne annuelle (l.2511-2513).","Référentiel qualité de quatre thèmes, pour 5 % du financement (l.2395-2403, 2530-2532).","CRE par personne, validé par le SLAI avant transmission et joint au bilan (l.2548-2556, 2589-2591).","Comités proposés par le porteur ; pilotage plusieurs fois par an (l.2405-2409, 2558-2560).","Sans justificatif, une sortie n’est pas valorisée (l.2564-2570).","Bilan à date fixe pour une opération sur l’année civile (l.2572-2574)."],"summary":"Financement de l’encadrement technique et socioprofessionnel des personnes mises à disposition par une association intermédiaire.","target_public":["Bénéficiaires du RSA éloignés de l’emploi (l.2331-2332)","Moins de 26 ans en précarité, résidant dans le Pas-de-Calais (20 % au plus des participants) (l.2332-2333)","Personnes sorties du RSA et encore en parcours d’insertion (l.2333-2335)"],"territories":{"line":2468,"priority":[],"scope":"whole_department"},"title":"Aide à l’encadrement dans les Associations Intermédiaires","youth_age":26,"youth_cap_pct":20}');

INSERT INTO territory (id, code, name) VALUES
(1, 'arrageois', 'Arrageois'),
(2, 'artois', 'Artois'),
(3, 'audomarois', 'Audomarois'),
(4, 'boulonnais', 'Boulonnais'),
(5, 'calaisis', 'Calaisis'),
(6, 'henin-carvin', 'Hénin-Carvin'),
(7, 'lens-lievin', 'Lens-Liévin'),
(8, 'montreuillois', 'Montreuillois'),
(9, 'ternois', 'Ternois');

INSERT INTO user_account (id, email, name, password_hash, active, created_at, last_login_at, mail_refused_at, mail_refused_reason, mail_deadline, mail_news, mail_tasks, digest_on) VALUES
(1, 'nadia.verdier@demo.casework.invalid', 'Nadia Verdier', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(2, 'bastien.lormeau@demo.casework.invalid', 'Bastien Lormeau', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(3, 'ines.caudroy@demo.casework.invalid', 'Inès Caudroy', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(4, 'hugo.marquenterre@demo.casework.invalid', 'Hugo Marquenterre', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(7, 'claire.aubancourt@demo.casework.invalid', 'Claire Aubancourt', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(9, 'helene.ardresienne@demo.casework.invalid', 'Hélène Ardresienne', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(10, 'paul.estrevelle@demo.casework.invalid', 'Paul Estrévelle', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(11, 'mireille.comptant@demo.casework.invalid', 'Mireille Comptant', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(12, 'agnes.boursinval@demo.casework.invalid', 'Agnès Boursinval', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(14, 'sandra.convergent@demo.casework.invalid', 'Sandra Convergent', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(17, 'denis.contrevoix@demo.casework.invalid', 'Denis Contrevoix', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(18, 'lucie.parametrine@demo.casework.invalid', 'Lucie Parametrine', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL),
(19, 'odile.gardefeuille@demo.casework.invalid', 'Odile Gardefeuille', NULL, TRUE, '2023-12-01 08:00:00.000000', NULL, NULL, '', '', '', '', NULL);

INSERT INTO application (id, reference, campaign, scheme_code, scheme_version_id, organisation_id, state, version, title, answers, starts_on, ends_on, requested_cents, proposed_cents, granted_cents, opens_on, closes_on, channel, external_reference, received_at, deposited_at, submitted_at, decided_on, decision_reference, instruction_report, officer_id, carried_into_id, created_at, updated_at, state_since, due_on) VALUES
(16, '2024-3.5-0001', '2024', '3.5', 5, 4, 'closed', 60, 'Le garage solidaire itinérant', '{"approach":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","complementarity":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","dashboard":true,"follow_up":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","goal_accompanied_rsa":6,"goal_accompanied_young":6,"goal_committees":6,"goal_solutions":6,"goal_solutions_in_path":6,"means":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","participants":12,"platform_membership":true,"strategic_orientations":["Accompagnement individuel renforcé","Information et coordination de l’offre"],"young_participants":1}', '2024-01-01', '2024-12-31', 3640000, 3640000, 3640000, '2023-12-14', '2024-01-31', 'casework', '', NULL, '2024-01-01 09:00:00.000000', '2024-01-02 15:30:00.000000', '2024-03-20', 'CP-2024-03-016', 'Projet cohérent avec la fiche. Budget sincère, moyens adaptés. Avis favorable à la subvention.', 7, NULL, '2023-12-24 09:00:00.000000', '2025-03-10 09:00:00.000000', '2025-03-10 09:00:00.000000', NULL),
(33, '2024-3.10-0001', '2024', '3.10', 10, 3, 'balance', 60, 'Encadrement de l’association intermédiaire', '{"approach":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","cre":true,"exit_evidence":true,"follow_up":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","goal_accompanied":2,"goal_accompanied_rsa":2,"goal_accompanied_young":2,"goal_durable_exits":2,"goal_dynamic_exits":2,"goal_hours":2,"goal_positive_exits":2,"goal_transition_exits":2,"means":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","participants":4,"posts":4,"quality_commitments":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","school_market":true,"setting":"urbain","support_staff_fte":"1,5","young_participants":0}', '2024-01-01', '2024-12-31', 936000, 936000, 936000, '2023-12-14', '2024-01-31', 'casework', '', NULL, '2024-01-01 09:00:00.000000', '2024-01-02 15:30:00.000000', '2024-03-14', 'CP-2024-03-033', 'Projet cohérent avec la fiche. Budget sincère, moyens adaptés. Avis favorable à la subvention.', 7, NULL, '2023-12-24 09:00:00.000000', '2025-05-04 08:00:00.000000', '2025-05-04 08:00:00.000000', '2025-06-03'),
(66, '2024-3.5-0003', '2024', '3.5', 5, 2, 'execution', 48, 'Le garage solidaire, second site', '{"approach":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","complementarity":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","dashboard":true,"follow_up":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","means":"Accueil individuel, ateliers collectifs et suivi par un référent unique, en lien avec les partenaires locaux.","participants":10,"platform_membership":true,"strategic_orientations":["Accompagnement individuel renforcé","Information et coordination de l’offre"],"young_participants":1}', '2024-09-01', '2025-08-31', 4000000, 4000000, 4000000, '2024-04-01', '2024-05-31', 'casework', '', NULL, '2024-04-19 08:00:00.000000', '2024-04-20 14:30:00.000000', '2024-07-19', 'CP-2024-07-066', 'Projet cohérent avec la fiche. Budget sincère, moyens adaptés. Avis favorable à la subvention.', 7, NULL, '2024-04-11 08:00:00.000000', '2025-03-14 09:00:00.000000', '2024-08-16 08:00:00.000000', '2025-05-25');

INSERT INTO bank_details (id, organisation_id, holder, iban, bic, proof_key, proof_name, proof_type, proof_size, proof_digest, entered_at, entered_by_id, verdict, decided_at, decided_by_id, reason) VALUES
(1, 1, 'Les Ateliers du Ternois', 'FR7699999000010000000001085', '', 'a3/ab/a3ab098b0f09987e6589ed2c62747b7ed6787827', 'rib.pdf', 'application/pdf', 198, '393d5eb48239863275108bd48a1d9611dd8cfdafa4e6bd18c0e4d578af39d36e', '2023-12-03 08:00:00.000000', 1, 'confirmed', '2023-12-03 08:00:00.000000', 7, ''),
(4, 4, 'Mobil’Pas', 'FR7699999000010000000004092', '', 'ba/cc/bacc1169e971588ea62c80c9c9d30564ad5dad21', 'rib.pdf', 'application/pdf', 198, '393d5eb48239863275108bd48a1d9611dd8cfdafa4e6bd18c0e4d578af39d36e', '2023-12-03 08:00:00.000000', 4, 'confirmed', '2023-12-03 08:00:00.000000', 7, ''),
(7, 3, 'Côte et Compétences', 'FR7699999000010000000003122', '', '74/cf/74cf4bdf1ec5c604e227fa9501620a0bd80c2941', 'rib.pdf', 'application/pdf', 198, '393d5eb48239863275108bd48a1d9611dd8cfdafa4e6bd18c0e4d578af39d36e', '2025-05-15 07:30:00.000000', 3, NULL, NULL, NULL, '');

INSERT INTO calendar_feed (user_id, token_digest, created_at) VALUES
(1, 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', '2025-05-15 08:00:00.000000');

INSERT INTO contact (id, scheme_code, territory_id, label, name, phone, email) VALUES
(1, NULL, NULL, 'Direction des politiques d’inclusion durable', 'Accueil (inventé)', '03 21 00 00 00', 'inclusion@demo.casework.invalid'),
(2, NULL, 1, 'SLAI Arrageois', 'Accueil (inventé)', '03 21 00 00 01', 'slai.arrageois@demo.casework.invalid');

INSERT INTO envelope_vote (id, envelope_id, amount_cents, voted_on, reference, author_name, at) VALUES
(1, 1, 18000000, '2023-12-04', 'CD-2023-12', 'Hélène Ardresienne', '2023-12-04 15:00:00.000000');

INSERT INTO event (id, subject, subject_id, sequence, at, actor_id, actor_name, kind, before, after, payload_digest, previous, digest) VALUES
(1, 'campaign', 1, 1, '2023-12-01 08:00:00.000000', NULL, 'Installation', 'scheme.imported', NULL, NULL, '0302a4fb2f5b64426cca3a1cc0f8680022719a7b778ca966bb373fe065e863db', '0000000000000000000000000000000000000000000000000000000000000000', '6eb11b2f4731fce5f677af6aaf9e650d8cea54cb497ae5bce21053e08c825c67'),
(741, 'journey', 55, 1, '2024-04-19 09:00:00.000000', 4, 'Hugo Marquenterre', 'journey.oriented', NULL, 'oriented', 'ffa81d590ef1fb389415aff7baeae38e190f018e9ebe578fd6b96e97c4c54647', '0000000000000000000000000000000000000000000000000000000000000000', 'ae283e14cf43acc5a69bb87b6986c8c4b35ee27c6ac9efb2abc7429c74e55770'),
(742, 'journey', 55, 2, '2024-04-22 09:00:00.000000', 12, 'Agnès Boursinval', 'journey.validated', 'oriented', 'oriented', 'a62a6e21e1a0eb5165e8ac870d1db3b395c74562c3d9d303f68639da67984270', 'ae283e14cf43acc5a69bb87b6986c8c4b35ee27c6ac9efb2abc7429c74e55770', 'a14cf624cf8729e0ad1f1c8e722e3e731ec48923f110daa22d53d63e4de2cad4'),
(743, 'journey', 55, 3, '2024-04-26 09:00:00.000000', 4, 'Hugo Marquenterre', 'journey.entered', 'oriented', 'accompanied', 'a424b5d7df203bf8f55a485e3da86b75aec63fc4ceb438df34104d10c1a143c9', 'a14cf624cf8729e0ad1f1c8e722e3e731ec48923f110daa22d53d63e4de2cad4', '214a3e62c1277d922b7e2737baa1cd4c16a4ca44c980082269a59b0716a3bd78'),
(744, 'journey', 55, 4, '2024-07-30 09:00:00.000000', 4, 'Hugo Marquenterre', 'journey.exited', 'accompanied', 'exited', '349b9946374086cacf3c8ee01b644ace5607db664165e3a182da95af875f2094', '214a3e62c1277d922b7e2737baa1cd4c16a4ca44c980082269a59b0716a3bd78', '5f113b208975c922fc187f42719cee53cc032c1914a2e1612153494e58014ecd');

INSERT INTO export_batch (id, made_at, made_by_id, payments, out_cents, back_cents, content) VALUES
(1, '2025-05-15 08:00:00.000000', 1, 1, 100000, 0, 'reference;montant
M-1;1000,00
');

INSERT INTO link (id, kind, token_digest, user_id, created_at, expires_at, used_at, organisation_id) VALUES
(1, 'invitation', 'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd', 1, '2025-05-15 08:00:00.000000', '2025-05-29 08:00:00.000000', NULL, 1);

INSERT INTO role_grant (id, user_id, role, organisation_id, territory_id, partner, scheme_code) VALUES
(1, 1, 'applicant', 1, NULL, NULL, NULL),
(2, 2, 'applicant', 2, NULL, NULL, NULL),
(3, 3, 'applicant', 3, NULL, NULL, NULL),
(4, 4, 'applicant', 4, NULL, NULL, NULL),
(7, 7, 'officer', NULL, NULL, NULL, NULL),
(11, 9, 'manager', NULL, NULL, NULL, NULL),
(12, 10, 'finance', NULL, NULL, NULL, NULL),
(13, 11, 'finance', NULL, NULL, NULL, NULL),
(14, 12, 'slai', NULL, 1, NULL, NULL),
(15, 12, 'slai', NULL, 2, NULL, NULL),
(16, 12, 'slai', NULL, 3, NULL, NULL),
(17, 12, 'slai', NULL, 4, NULL, NULL),
(18, 12, 'slai', NULL, 5, NULL, NULL),
(19, 12, 'slai', NULL, 6, NULL, NULL),
(20, 12, 'slai', NULL, 7, NULL, NULL),
(21, 12, 'slai', NULL, 8, NULL, NULL),
(22, 12, 'slai', NULL, 9, NULL, NULL),
(24, 14, 'partner', NULL, NULL, 'convergence', NULL),
(27, 17, 'auditor', NULL, NULL, NULL, NULL),
(28, 18, 'admin', NULL, NULL, NULL, NULL),
(29, 19, 'data_officer', NULL, NULL, NULL, NULL);

INSERT INTO web_session (id, token_digest, user_id, created_at, seen_at, ended_at, device) VALUES
(1, 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', 1, '2025-05-15 08:00:00.000000', '2025-05-15 08:00:00.000000', NULL, 'Firefox, Linux');

INSERT INTO accepted_warning (id, application_id, code, sentence, accepted_at, accepted_by_id) VALUES
(1, 16, 'late', 'Le bilan est arrivé après la date.', '2025-05-15 08:00:00.000000', 1);

INSERT INTO application_partner (application_id, partner) VALUES
(16, 'mamobilite62'),
(66, 'mamobilite62');

INSERT INTO application_territory (application_id, territory_id) VALUES
(16, 3),
(33, 3);

INSERT INTO application_word (word, application_id) VALUES
('00000004200010', 16),
('0001', 16),
('2024', 16);

INSERT INTO bank_look (id, bank_details_id, user_id, at, purpose) VALUES
(1, 1, 1, '2025-05-15 08:00:00.000000', 'check');

INSERT INTO budget_line (id, application_id, side, category, label, amount_cents, fte_hundredths, gross_cents, share_hundredths) VALUES
(91, 16, 'expense', 'personnel', 'Salaires et charges de l’équipe', 2882880, 100, 2882880, 10000),
(92, 16, 'expense', 'operating', 'Fournitures et déplacements', 360360, NULL, NULL, NULL),
(93, 16, 'expense', 'external_services', 'Intervenants extérieurs', 360360, NULL, NULL, NULL),
(95, 16, 'income', 'requested', 'Subvention demandée au Département', 3640000, NULL, NULL, NULL);

INSERT INTO co_bearer (application_id, organisation_id) VALUES
(16, 1);

INSERT INTO correction (id, application_id, state, requested_at, requested_by_id, request, due_on, answered_at, answer, lifted_at) VALUES
(1, 16, 'submitted', '2025-05-15 08:00:00.000000', 1, 'Joignez le budget détaillé.', '2025-05-30', NULL, '', NULL);

INSERT INTO document (id, application_id, slot, name, media_type, size, digest, storage_key, added_at, added_by_id, removed_at, erased_at) VALUES
(77, 16, 'statutes', 'statutes.pdf', 'application/pdf', 203, 'b3f8f4292b07d3b065111776004f0ad75bd73b0e34e214e778364e8afdfa4693', '02/b7/02b79e04fadf68f038599391736338214a2f6d5e', '2023-12-24 09:00:00.000000', 4, NULL, NULL),
(78, 16, 'officers_list', 'officers_list.pdf', 'application/pdf', 208, 'fa8f67fdae20f2d3ad450dc7da6cef9af6e27c81f75813ccf4b1edbf61764e1d', 'e5/fc/e5fc4ecc631ca67ecdaa5b4f79cab795c739aae0', '2023-12-24 09:00:00.000000', 4, NULL, NULL),
(79, 16, 'rib', 'rib.pdf', 'application/pdf', 198, '80189a9f0e6bdd48be633e266e33d73809b9f8e5e4b9ace8f7dbf6229c551f7f', 'b5/d1/b5d1b3895360a6028d9e72929dff5777d45b8759', '2023-12-24 09:00:00.000000', 4, NULL, NULL),
(80, 16, 'last_accounts', 'last_accounts.pdf', 'application/pdf', 208, '5db75cd9e6a0df1aa5f1cc3fd4cf744faeed98034e48b314c04d2ff432277848', '92/7f/927f4caa31eed4eac78f1030e61debd3f2bcb1af', '2023-12-24 09:00:00.000000', 4, NULL, NULL),
(82, 16, 'evidence', 'factures-et-bulletins.pdf', 'application/pdf', 203, 'f26bb674932090730dc1585ec6ecb27b1a78fa15cd37ff425fba7cbf1b316148', 'e6/a1/e6a1d3a78af505ebcc8efd82e712d542a1e099c5', '2025-01-23 09:00:00.000000', 4, NULL, NULL),
(155, 33, 'evidence', 'factures-et-bulletins.pdf', 'application/pdf', 203, 'f26bb674932090730dc1585ec6ecb27b1a78fa15cd37ff425fba7cbf1b316148', 'b3/26/b3267923518f0c71a78a54a9b70bc451f37b1667', '2025-01-26 09:00:00.000000', 3, NULL, NULL),
(322, 66, 'signed_amendment', 'avenant-1-signe.pdf', 'application/pdf', 211, '91fae8115e2b62b4d15769931b99cf1fb98d29d37716ba4c3917a4a086ef69a9', 'bd/23/bd238d98ee569dbf40377a142e888964c692d7b5', '2025-03-11 09:00:00.000000', 2, NULL, NULL);

INSERT INTO event_erasure (event_id, at, actor_name, reason) VALUES
(742, '2025-05-15 08:00:00.000000', 'Conservation', 'Durée de conservation dépassée');

INSERT INTO event_payload (event_id, salt, content) VALUES
(1, '8a651db8fbd1f0be9d84c71fe823bf22', '{"code":"3.1","number":1}'),
(741, '64b62f1814165ab5431f9fc1950564bc', '{"public":"rsa","validated":false}'),
(743, 'bdb6459535ba191060c20cfec307cb5e', '{"entered_on":"2024-04-26","version":3}'),
(744, '5b8b78902dda443a157f4e1872e5d3ee', '{"exit_kind":"job","exited_on":"2024-07-30","version":4}');

INSERT INTO final_report (id, application_id, narrative, declared, results, submitted_at, validated_at, accepted, due_cents, explanation, income, partial, answer, observations, intended, intended_at, answer_due_on, answered_at, figures) VALUES
(6, 16, 'Les ateliers et entretiens prévus ont été tenus ; les partenaires du territoire ont été réunis.', '{"external_services":360360,"indirect":400400,"operating":360360,"other_direct":0,"other_funding":0,"personnel":2882880,"rent":0,"travel":0}', '{}', '2025-01-23 09:00:00.000000', '2025-02-22 09:00:00.000000', '{"external_services":331531,"indirect":368368,"operating":331531,"other_direct":0,"other_funding":0,"personnel":2652249,"rent":0,"travel":0}', 3640000, '{"accepted_total":"36836.79","balance":"7280.00","conditional_share_pct":100.0,"due":"36400.00","recovery":"0.00","scheme":"3.5","steps":[{"amount":"26522.49","formula":"26 522,49 €","label":"Frais de personnel","source":"l.1076"},{"amount":"3315.31","formula":"3 315,31 €","label":"Frais de fonctionnement","source":"l.1076"},{"amount":"3315.31","formula":"3 315,31 €","label":"Prestations externes","source":"l.1076"},{"amount":"33153.11","formula":"26 522,49 € + 3 315,31 € + 3 315,31 €","label":"Dépenses directes éligibles","source":"l.1076"},{"amount":"29837.80","formula":"dépenses listées hors prestations","label":"Assiette des charges indirectes","source":"l.1083"},{"amount":"3683.68","formula":"le plus petit de 3 683,68 € (demandé) et 20 % × 29 837,80 €","label":"Charges indirectes (plafond)","source":"l.1083"},{"amount":"36836.79","formula":"33 153,11 € + 3 683,68 €","label":"Total éligible","source":"l.1076"},{"amount":"36400.00","formula":"100 % de 36 400,00 €","label":"Part acquise de la subvention","source":"l.1090"},{"amount":"36836.79","formula":"36 836,79 € − 0,00 €","label":"Dépenses acceptées moins les autres financements","source":"l.1076"},{"amount":"36400.00","formula":"le plus petit de 36 400,00 € et 36 836,79 €","label":"Montant dû","source":"l.1090"},{"amount":"7280.00","formula":"36 400,00 € − 29 120,00 € d’avance","label":"Solde à verser","source":"l.1090"}],"warnings":[]}', '{}', '', '', 'Pièces contrôlées une à une.', '{"accepted":{"external_services":331531,"indirect":368368,"operating":331531,"other_direct":0,"other_funding":0,"personnel":2652249,"rent":0,"travel":0},"due_cents":3640000,"results":{}}', '2025-02-12 09:00:00.000000', '2025-02-27', '2025-02-18 09:00:00.000000', '{"accompanied_rsa":{"groups":{"F":3,"M":1,"older":4,"rsa":4,"young":0},"text":"","value":4},"accompanied_young":{"groups":{"F":0,"M":1,"older":0,"rsa":0,"young":1},"text":"","value":1},"committees":{"groups":{},"text":"","value":3},"solutions":{"groups":{},"text":"","value":null},"solutions_in_path":{"groups":{},"text":"","value":null}}'),
(9, 33, 'Les ateliers et entretiens prévus ont été tenus ; les partenaires du territoire ont été réunis.', '{"external_services":0,"indirect":0,"operating":0,"other_direct":0,"other_funding":0,"personnel":974640,"rent":0,"travel":0}', '{"dynamic_exits":3,"hours_done":389,"months_done":37,"quality_pct":95}', '2025-01-26 09:00:00.000000', '2025-05-04 08:00:00.000000', '{"external_services":0,"indirect":0,"operating":0,"other_direct":0,"other_funding":0,"personnel":880308,"rent":0,"travel":0}', 757283, '{"accepted_total":"10563.70","balance":"84.83","conditional_share_pct":80.91,"due":"7572.83","recovery":"0.00","scheme":"3.10","steps":[{"amount":"8803.08","formula":"8 803,08 €","label":"Frais de personnel","source":"l.2505"},{"amount":"8803.08","formula":"8 803,08 €","label":"Dépenses directes éligibles","source":"l.2505"},{"amount":"8803.08","formula":"frais de personnel","label":"Assiette des charges indirectes","source":"l.2509"},{"amount":"1760.62","formula":"20 % × 8 803,08 €","label":"Charges indirectes (forfait)","source":"l.2509"},{"amount":"10563.70","formula":"8 803,08 € + 1 760,62 €","label":"Total éligible","source":"l.2505"},{"amount":"3246.75","formula":"9 360,00 € × 45 % × 77,08 % (37 mois ÷ (4 postes × 12 mois), 100 % au plus)","label":"Mois d’accompagnement","source":"l.2516"},{"amount":"3413.48","formula":"9 360,00 € × 45 % × 81,04 % (389 h ÷ (10 h en milieu urbain × 4 postes × 12 mois), 100 % au plus)","label":"Heures de mise à disposition","source":"l.2518"},{"amount":"468.00","formula":"9 360,00 € × 5 % × 100 % (3 sorties ÷ (4 postes × 0,45), 100 % au plus)","label":"Sorties dynamiques","source":"l.2524"},{"amount":"444.60","formula":"9 360,00 € × 5 % × 95 %","label":"Référentiel qualité","source":"l.2530"},{"amount":"7572.83","formula":"3 246,75 € + 3 413,48 € + 468,00 € + 444,60 €, soit 80,91 % de 9 360,00 €","label":"Part acquise de la subvention","source":"l.2516"},{"amount":"10563.70","formula":"10 563,70 € − 0,00 €","label":"Dépenses acceptées moins les autres financements","source":"l.2505"},{"amount":"7572.83","formula":"le plus petit de 7 572,83 € et 10 563,70 €","label":"Montant dû","source":"l.2540"},{"amount":"84.83","formula":"7 572,83 € − 7 488,00 € d’avance","label":"Solde à verser","source":"l.2540"}],"warnings":[]}', '{}', '', '', 'Pièces contrôlées une à une.', '{"accepted":{"external_services":0,"indirect":0,"operating":0,"other_direct":0,"other_funding":0,"personnel":880308,"rent":0,"travel":0},"due_cents":757283,"results":{"dynamic_exits":3,"hours_done":389,"months_done":37,"quality_pct":95}}', '2025-04-24 08:00:00.000000', '2025-05-09', '2025-04-30 08:00:00.000000', '{"accompanied":{"groups":{"F":3,"M":2,"older":4,"rsa":4,"young":1},"text":"","value":5},"accompanied_rsa":{"groups":{"F":3,"M":1,"older":4,"rsa":4,"young":0},"text":"","value":4},"accompanied_young":{"groups":{"F":0,"M":1,"older":0,"rsa":0,"young":1},"text":"","value":1},"durable_exits":{"groups":{"F":2,"M":0,"older":2,"rsa":2,"young":0},"text":"","value":2},"dynamic_exits":{"groups":{"F":2,"M":1,"older":3,"rsa":3,"young":0},"text":"","value":3},"hours":{"groups":{"F":229.0,"M":160.0,"older":310.0,"rsa":310.0,"young":79.0},"text":"","value":389.0},"positive_exits":{"groups":{"F":0,"M":0,"older":0,"rsa":0,"young":0},"text":"","value":0},"transition_exits":{"groups":{"F":0,"M":1,"older":1,"rsa":1,"young":0},"text":"","value":1}}');

INSERT INTO indicator_entry (id, application_id, key, number, text, entered_at, entered_by_id) VALUES
(5, 66, 'solutions', 6, '', '2025-05-15 07:30:00.000000', 2),
(6, 66, 'solutions_in_path', 6, '', '2025-05-15 07:30:00.000000', 2);

INSERT INTO instruction_point (id, application_id, kind, code, verdict, remark, seen) VALUES
(136, 16, 'criterion', 'applicant', 'met', '', ''),
(142, 16, 'document', 'statutes', 'met', '', '77');

INSERT INTO legal_hold (id, application_id, reason, placed_at, placed_by_id, lifted_at, lifted_by_id) VALUES
(1, 16, 'Contentieux en cours.', '2025-05-15 08:00:00.000000', 1, NULL, NULL);

INSERT INTO message (id, application_id, user_id, category, recipient, subject, body, html, ics, message_id, created_at, next_try_at, attempts, sent_at, failed_at, suppressed_at, held, in_digest_id, instead_of_id, error) VALUES
(139, 16, 7, 'news', 'claire.aubancourt@demo.casework.invalid', '2024-3.5-0001 – avis rendu', 'Bonjour,

Un avis est rendu sur le dossier 2024-3.5-0001.

Dossier : 2024-3.5-0001 – Le garage solidaire itinérant
Dispositif : 3.5 Actions innovantes en faveur de la mobilité solidaire
Porteur : Mobil’Pas

Voir le dossier : http://127.0.0.1:8000/dossiers/16/avis

Département du Pas-de-Calais
Message automatique : merci de ne pas y répondre.
', '<!DOCTYPE html><html lang="fr"><head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>2024-3.5-0001 – avis rendu</title>

</head>
<body style="margin: 0;padding: 24px 16px;background: #f3f5f7;color: #1d2733;font-family: Arial, Helvetica, sans-serif;font-size: 16px;line-height: 1.5;">
<main style="max-width: 600px;margin: 0 auto;padding: 24px;background: #ffffff;border: 1px solid #d5dbe1;border-radius: 6px;">
<!-- notice -->
<h1 style="margin: 0 0 16px;font-size: 20px;line-height: 1.3;">2024-3.5-0001 – avis rendu</h1>
<p style="margin: 0 0 12px;">Bonjour,</p>
<p style="margin: 0 0 12px;">Un avis est rendu sur le dossier 2024-3.5-0001.</p>
<dl style="margin: 16px 0;padding: 12px 16px;background: #f3f5f7;">
<dt style="font-weight: bold;">Dossier</dt><dd style="margin: 0 0 8px;">2024-3.5-0001 – Le garage solidaire itinérant</dd>
<dt style="font-weight: bold;">Dispositif</dt><dd style="margin: 0 0 8px;">3.5 Actions innovantes en faveur de la mobilité solidaire</dd>
<dt style="font-weight: bold;">Porteur</dt><dd style="margin: 0 0 8px;">Mobil’Pas</dd>
</dl>
<p class="action" style="margin: 20px 0;"><a href="http://127.0.0.1:8000/dossiers/16/avis" style="color: #ffffff;display: inline-block;padding: 10px 18px;background: #0b4f8a;text-decoration: none;border-radius: 4px;">Voir le dossier</a></p>
</main>
<footer style="max-width: 600px;margin: 16px auto 0;color: #4b5866;font-size: 14px;"><p style="margin: 0 0 12px;">Département du Pas-de-Calais<br>Message automatique : merci de ne pas y répondre.</p></footer>

</body></html>', NULL, '<3b1121f95ef64f5392e40ae95e9526e4@casework>', '2024-02-11 09:00:00.000000', NULL, 0, '2025-05-15 07:30:00.000000', NULL, NULL, FALSE, NULL, NULL, ''),
(145, 16, 4, 'news', 'hugo.marquenterre@demo.casework.invalid', '2024-3.5-0001 – avance payée', 'Bonjour,

L’avance de votre subvention a été payée.

Dossier : 2024-3.5-0001 – Le garage solidaire itinérant
Dispositif : 3.5 Actions innovantes en faveur de la mobilité solidaire
Porteur : Mobil’Pas

Voir le dossier : http://127.0.0.1:8000/dossiers/16

Département du Pas-de-Calais
Message automatique : merci de ne pas y répondre.
', '<!DOCTYPE html><html lang="fr"><head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>2024-3.5-0001 – avance payée</title>

</head>
<body style="margin: 0;padding: 24px 16px;background: #f3f5f7;color: #1d2733;font-family: Arial, Helvetica, sans-serif;font-size: 16px;line-height: 1.5;">
<main style="max-width: 600px;margin: 0 auto;padding: 24px;background: #ffffff;border: 1px solid #d5dbe1;border-radius: 6px;">
<!-- notice -->
<h1 style="margin: 0 0 16px;font-size: 20px;line-height: 1.3;">2024-3.5-0001 – avance payée</h1>
<p style="margin: 0 0 12px;">Bonjour,</p>
<p style="margin: 0 0 12px;">L’avance de votre subvention a été payée.</p>
<dl style="margin: 16px 0;padding: 12px 16px;background: #f3f5f7;">
<dt style="font-weight: bold;">Dossier</dt><dd style="margin: 0 0 8px;">2024-3.5-0001 – Le garage solidaire itinérant</dd>
<dt style="font-weight: bold;">Dispositif</dt><dd style="margin: 0 0 8px;">3.5 Actions innovantes en faveur de la mobilité solidaire</dd>
<dt style="font-weight: bold;">Porteur</dt><dd style="margin: 0 0 8px;">Mobil’Pas</dd>
</dl>
<p class="action" style="margin: 20px 0;"><a href="http://127.0.0.1:8000/dossiers/16" style="color: #ffffff;display: inline-block;padding: 10px 18px;background: #0b4f8a;text-decoration: none;border-radius: 4px;">Voir le dossier</a></p>
</main>
<footer style="max-width: 600px;margin: 16px auto 0;color: #4b5866;font-size: 14px;"><p style="margin: 0 0 12px;">Département du Pas-de-Calais<br>Message automatique : merci de ne pas y répondre.</p></footer>

</body></html>', NULL, '<7152ef68652b4226a7609217337b1f45@casework>', '2024-04-17 08:00:00.000000', NULL, 0, '2025-05-15 07:30:00.000000', NULL, NULL, FALSE, NULL, NULL, '');

INSERT INTO note (id, application_id, at, author_id, text) VALUES
(1, 16, '2025-05-15 08:00:00.000000', 1, 'Rappeler la trésorière après l’assemblée.');

INSERT INTO opinion (id, application_id, body, territory_id, blocking, requested_at, due_on, verdict, text, given_at, given_by_id, skipped_at, skip_reason) VALUES
(1, 16, 'slai', 3, FALSE, '2024-02-05 09:00:00.000000', '2024-02-26', 'reserved', 'Projet utile, mais un rapprochement avec l’existant reste à écrire.', '2024-02-11 09:00:00.000000', 12, NULL, '');

INSERT INTO report_draft (id, application_id, narrative, income, results) VALUES
(6, 16, 'Les ateliers et entretiens prévus ont été tenus ; les partenaires du territoire ont été réunis.', '{}', '{}'),
(9, 33, 'Les ateliers et entretiens prévus ont été tenus ; les partenaires du territoire ont été réunis.', '{}', '{"dynamic_exits":3,"hours_done":389,"months_done":37}');

INSERT INTO amendment (id, application_id, number, status, asked_by, asked_at, asked_by_id, reason, starts_on, ends_on, grant_cents, co_bearers, replaced, decision_reference, decided_on, sent_on, applicant_signed_on, funder_signed_on, applicant_file_id, funder_file_id, template_id, terms, outcome, closed_at) VALUES
(1, 66, 1, 'in_force', 'applicant', '2025-02-28 09:00:00.000000', 2, 'Le recrutement de l’encadrant a pris deux mois de retard : les parcours doivent aller à leur terme.', '2024-09-01', '2025-10-31', 4000000, '[]', '{"co_bearers":[],"ends_on":"2025-08-31","grant_cents":4000000,"starts_on":"2024-09-01"}', '', NULL, '2025-03-06', '2025-03-11', '2025-03-14', 322, 322, 2, '{"lists":{"bilan":["Bilan final d’exécution"],"calendrier":[["Tableau de bord avant le comité n° 1","24/11/2024","7 jours avant le comité"],["Comité n° 1","01/12/2024","début de l’opération + 3 mois"],["Tableau de bord avant le comité n° 2","22/02/2025","7 jours avant le comité"],["Comité n° 2","01/03/2025","début de l’opération + 6 mois"],["Tableau de bord avant le comité n° 3","25/05/2025","7 jours avant le comité"],["Comité n° 3","01/06/2025","début de l’opération + 9 mois"],["Tableau de bord avant le comité n° 4","25/08/2025","7 jours avant le comité"],["Comité n° 4","01/09/2025","début de l’opération + 12 mois"],["Bilan final","30/11/2025","fin de l’opération + 1 mois"]],"modifications":[["Fin de l’opération","31 août 2025","31 octobre 2025"]],"obligations":["Faire valider chaque positionnement par le SLAI avant l’entrée","Accueillir au plus 20 % de jeunes de moins de 26 ans","Inviter au comité de suivi : SLAI du territoire et Représentant de Mamobilité62","Tableau de bord tenu en continu : avant chaque comité de suivi et à la demande du centre de ressources de Mamobilité62"],"versements":[]},"parties":[{"label":"Le financeur","lines":["SIRET 226 200 012 00012","1 place de l’Exemple, 62000 Arras"],"name":"Département du Pas-de-Calais","signatory":"Le Président du Conseil départemental"},{"label":"Le porteur","lines":["SIRET 000 000 026 00013","4 place du Marché, 62000 Arras"],"name":"Horizon Insertion","signatory":""}],"values":{"ancien_debut":"1er septembre 2024","ancien_montant":"40 000,00 €","ancienne_fin":"31 août 2025","avance":"32 000,00 €","avance_lettres":"trente-deux mille euros","avance_taux":"80 %","avenant":"1","campagne":"2024","co_porteurs":"aucun","convention_date":"2 août 2024","debut":"1er septembre 2024","decision_date":"19 juillet 2024","decision_reference":"CP-2024-07-066","dispositif":"3.5 Actions innovantes en faveur de la mobilité solidaire","fin":"31 octobre 2025","financeur":"Département du Pas-de-Calais","montant":"40 000,00 €","montant_lettres":"quarante mille euros","motif":"Le recrutement de l’encadrant a pris deux mois de retard : les parcours doivent aller à leur terme.","numero":"C-2024-3.5-0003","porteur":"Horizon Insertion","projet":"Le garage solidaire, second site","reference":"2024-3.5-0003","remise_bilan":"30 novembre 2025","signataire":"Le Président du Conseil départemental","territoires":"Arrageois"}}', '', '2025-03-14 09:00:00.000000');

INSERT INTO convention (id, application_id, number, grant_cents, starts_on, ends_on, sent_on, applicant_signed_on, funder_signed_on, ended_on, template_id, terms, applicant_file_id, funder_file_id, terminated_on, termination_reason) VALUES
(11, 16, 'C-2024-3.5-0001', 3640000, '2024-01-01', '2024-12-31', '2024-03-20', '2024-03-29', '2024-04-03', '2024-12-31', 1, '{"lists":{"bilan":["Bilan final d’exécution"],"calendrier":[["Tableau de bord avant le comité n° 1","25/03/2024","7 jours avant le comité"],["Comité n° 1","01/04/2024","début de l’opération + 3 mois"],["Tableau de bord avant le comité n° 2","24/06/2024","7 jours avant le comité"],["Comité n° 2","01/07/2024","début de l’opération + 6 mois"],["Tableau de bord avant le comité n° 3","24/09/2024","7 jours avant le comité"],["Comité n° 3","01/10/2024","début de l’opération + 9 mois"],["Bilan final","31/01/2025","fin de l’opération + 1 mois"]],"obligations":["Faire valider chaque positionnement par le SLAI avant l’entrée","Accueillir au plus 20 % de jeunes de moins de 26 ans","Inviter au comité de suivi : SLAI du territoire et Représentant de Mamobilité62","Tableau de bord tenu en continu : avant chaque comité de suivi et à la demande du centre de ressources de Mamobilité62"],"versements":[]},"parties":[{"label":"Le financeur","lines":["SIRET 226 200 012 00012","1 place de l’Exemple, 62000 Arras"],"name":"Département du Pas-de-Calais","signatory":"Le Président du Conseil départemental"},{"label":"Le porteur","lines":["SIRET 000 000 042 00010","8 avenue de la Gare, 62300 Lens"],"name":"Mobil’Pas","signatory":""}],"values":{"avance":"29 120,00 €","avance_lettres":"vingt-neuf mille cent vingt euros","avance_taux":"80 %","campagne":"2024","co_porteurs":"aucun","debut":"1er janvier 2024","decision_date":"20 mars 2024","decision_reference":"CP-2024-03-016","dispositif":"3.5 Actions innovantes en faveur de la mobilité solidaire","fin":"31 décembre 2024","financeur":"Département du Pas-de-Calais","montant":"36 400,00 €","montant_lettres":"trente-six mille quatre cents euros","numero":"C-2024-3.5-0001","porteur":"Mobil’Pas","projet":"Le garage solidaire itinérant","reference":"2024-3.5-0001","remise_bilan":"31 janvier 2025","signataire":"Le Président du Conseil départemental","territoires":"Audomarois"}}', NULL, NULL, NULL, NULL),
(21, 33, 'C-2024-3.10-0001', 936000, '2024-01-01', '2024-12-31', '2024-03-14', '2024-03-23', '2024-03-28', '2024-12-31', 1, '{"lists":{"bilan":["Bilan pédagogique","Bilan d’exécution","CRE remplis, validés par le porteur et le SLAI"],"calendrier":[["CRE de 01/2024","10/02/2024","le 10 du mois qui suit 01/2024"],["CRE de 02/2024","10/03/2024","le 10 du mois qui suit 02/2024"],["Comité n° 1","01/04/2024","début de l’opération + 3 mois"],["CRE de 03/2024","10/04/2024","le 10 du mois qui suit 03/2024"],["CRE de 04/2024","10/05/2024","le 10 du mois qui suit 04/2024"],["CRE de 05/2024","10/06/2024","le 10 du mois qui suit 05/2024"],["Comité n° 2","01/07/2024","début de l’opération + 6 mois"],["CRE de 06/2024","10/07/2024","le 10 du mois qui suit 06/2024"],["CRE de 07/2024","10/08/2024","le 10 du mois qui suit 07/2024"],["CRE de 08/2024","10/09/2024","le 10 du mois qui suit 08/2024"],["Comité n° 3","01/10/2024","début de l’opération + 9 mois"],["CRE de 09/2024","10/10/2024","le 10 du mois qui suit 09/2024"],["CRE de 10/2024","10/11/2024","le 10 du mois qui suit 10/2024"],["CRE de 11/2024","10/12/2024","le 10 du mois qui suit 11/2024"],["CRE de 12/2024","10/01/2025","le 10 du mois qui suit 12/2024"],["Bilan final","31/03/2025","au plus tard le 31/03/2025, opération sur l’année civile"]],"obligations":["Moyens humains et matériels adaptés à l’opération et à son suivi administratif et financier","Description complète de ces moyens dans la demande","Faire valider chaque positionnement par le SLAI avant l’entrée","Accueillir au plus 20 % de jeunes de moins de 26 ans","Inviter au comité de suivi : SLAI","Comptes rendus d’exécution (CRE) par bénéficiaire : pendant toute l’opération, transmis au Département après validation du SLAI"],"versements":["90 % de la subvention : Mois d’accompagnement (postes × 12) et heures de mise à disposition par participant (10 par mois en milieu urbain, 8 en milieu rural)","5 % de la subvention : Sorties dynamiques : 0,45 par poste financé","5 % de la subvention : Référentiel qualité de l’accompagnement"]},"parties":[{"label":"Le financeur","lines":["SIRET 226 200 012 00012","1 place de l’Exemple, 62000 Arras"],"name":"Département du Pas-de-Calais","signatory":"Le Président du Conseil départemental"},{"label":"Le porteur","lines":["SIRET 000 000 034 00017","31 quai des Paquebots, 62100 Calais"],"name":"Côte et Compétences","signatory":""}],"values":{"avance":"7 488,00 €","avance_lettres":"sept mille quatre cent quatre-vingt-huit euros","avance_taux":"80 %","campagne":"2024","co_porteurs":"aucun","debut":"1er janvier 2024","decision_date":"14 mars 2024","decision_reference":"CP-2024-03-033","dispositif":"3.10 Aide à l’encadrement dans les Associations Intermédiaires","fin":"31 décembre 2024","financeur":"Département du Pas-de-Calais","montant":"9 360,00 €","montant_lettres":"neuf mille trois cent soixante euros","numero":"C-2024-3.10-0001","porteur":"Côte et Compétences","projet":"Encadrement de l’association intermédiaire","reference":"2024-3.10-0001","remise_bilan":"31 mars 2025","signataire":"Le Président du Conseil départemental","territoires":"Audomarois et Ternois"}}', NULL, NULL, NULL, NULL);

INSERT INTO expense_line (id, application_id, category, label, planned_cents, spent_cents, invoice_reference, invoice_on, paid_on, document_id, decision, accepted_cents, reason, comment, intended_cents, answer, budget_line_id) VALUES
(22, 16, 'personnel', 'Salaires et charges de l’équipe', 2882880, 2882880, 'F-2024-001', '2024-12-31', '2025-01-05', 82, 'reduced', 2652249, 'above_evidence', '', 2652249, '', 91),
(35, 33, 'personnel', 'Fournitures commandées après la fin de l’opération', 0, 48000, 'F-2025-002', '2025-01-03', '2025-01-05', 155, 'refused', 0, 'out_of_period', 'Facture postérieure à la convention.', 0, '', NULL);

INSERT INTO journey (id, person_id, application_id, territory_id, state, version, public, oriented_at, oriented_by_id, to_validate, validated_at, validated_by_id, entered_on, age_at_entry, exited_on, exit_kind, exit_family, contract_starts_on, contract_ends_on, evidence_id, updated_at, state_since, hired_on, trial_ends_on, college_entered_on, college_left_on) VALUES
(55, 55, 16, 3, 'exited', 4, 'rsa', '2024-04-19 09:00:00.000000', 4, TRUE, '2024-04-22 09:00:00.000000', 12, '2024-04-26', 41, '2024-07-30', 'Accès à un emploi', 'none', NULL, NULL, NULL, '2024-07-30 09:00:00.000000', '2024-07-30 09:00:00.000000', NULL, NULL, NULL, NULL),
(58, 58, 16, 3, 'exited', 6, 'rsa', '2024-06-09 09:00:00.000000', 4, TRUE, '2024-06-12 09:00:00.000000', 12, '2024-06-16', 26, '2024-10-13', 'Entrée en formation', 'none', NULL, NULL, NULL, '2024-10-13 09:00:00.000000', '2024-10-13 09:00:00.000000', NULL, NULL, NULL, NULL),
(59, 59, 16, 3, 'accompanied', 3, 'rsa', '2024-06-26 09:00:00.000000', 4, TRUE, '2024-06-29 09:00:00.000000', 12, '2024-07-03', 53, NULL, NULL, NULL, NULL, NULL, NULL, '2024-07-03 09:00:00.000000', '2024-07-03 09:00:00.000000', NULL, NULL, NULL, NULL),
(60, 60, 16, 3, 'exited', 3, 'young', '2024-07-13 09:00:00.000000', 12, TRUE, '2024-07-13 09:00:00.000000', 12, '2024-07-20', 22, '2024-12-02', 'Arrêt de l’accompagnement sans solution', 'none', NULL, NULL, NULL, '2024-12-02 10:00:00.000000', '2024-12-02 10:00:00.000000', NULL, NULL, NULL, NULL),
(121, 121, 33, 3, 'exited', 6, 'rsa', '2024-04-13 09:00:00.000000', 3, TRUE, '2024-04-16 09:00:00.000000', 12, '2024-04-20', 54, '2024-10-07', 'CDI', 'durable', NULL, NULL, NULL, '2024-10-07 09:00:00.000000', '2024-10-07 09:00:00.000000', NULL, NULL, NULL, NULL),
(124, 124, 33, 9, 'exited', 8, 'rsa', '2024-05-01 09:00:00.000000', 3, TRUE, '2024-05-04 09:00:00.000000', 12, '2024-05-08', 39, '2024-11-18', 'Contrat de mission de moins de 6 mois', 'transition', NULL, NULL, NULL, '2024-11-18 10:00:00.000000', '2024-11-18 10:00:00.000000', NULL, NULL, NULL, NULL);

INSERT INTO line_review (id, application_id, budget_line_id, asked_cents, retained_cents, reason) VALUES
(49, 16, 91, 2882880, 2882880, ''),
(50, 16, 92, 360360, 360360, '');

INSERT INTO activity (id, journey_id, kind, mode, done_on, minutes, entered_at, entered_by_id) VALUES
(58, 55, 'interview', 'present', '2024-05-15', 60, '2024-06-23 08:00:00.000000', 4),
(59, 55, 'interview', 'present', '2024-06-15', 60, '2024-09-23 08:00:00.000000', 4);

INSERT INTO deadline (id, application_id, kind, rank, title, owed_by, territory_id, partner, due_on, computed_on, since_on, source, computed, status, planned_at, closed_at, done_on, outcome, document_id, awaits_id, accepted_at, extended, next_reminder_on, journey_id) VALUES
(79, 16, 'deposit', 1, '', 'applicant', NULL, NULL, '2024-01-31', '2024-01-31', '2023-12-24', 'Fin de la session de dépôt (l.1055)', '', 'met', '2023-12-24 09:00:00.000000', '2024-01-02 15:30:00.000000', '2024-01-02', '', NULL, NULL, NULL, FALSE, NULL, NULL),
(80, 16, 'opinion', 1, 'Avis attendu : SLAI Audomarois', 'slai', 3, NULL, '2024-02-26', '2024-02-26', '2024-02-05', 'Fiche 3.5, l.1003', 'avis demandé le 05/02/2024, 21 jours', 'met', '2024-02-05 09:00:00.000000', '2024-02-11 09:00:00.000000', '2024-02-11', '', NULL, NULL, NULL, FALSE, NULL, NULL),
(81, 16, 'signature', 1, '', 'manager', NULL, NULL, '2024-04-19', '2024-04-19', '2024-03-20', 'Fiche 3.5, l.1069', 'convention envoyée le 20/03/2024, 30 jours', 'met', '2024-03-20 09:00:00.000000', '2024-04-03 08:00:00.000000', '2024-04-03', '', NULL, NULL, NULL, FALSE, NULL, NULL),
(92, 16, 'control', 1, '', 'officer', NULL, NULL, '2025-03-29', '2025-03-29', '2025-02-12', 'Fiche 3.5, l.1111', 'résultat envisagé envoyé le 12/02/2025, 15 jours pour répondre, puis 30 jours', 'cancelled', '2025-02-12 09:00:00.000000', '2025-02-18 09:00:00.000000', NULL, '', NULL, NULL, NULL, FALSE, NULL, NULL),
(244, 33, 'balance', 1, '', 'finance', NULL, NULL, '2025-06-03', '2025-06-03', '2025-05-04', 'Fiche 3.10, l.2540', 'bilan validé le 04/05/2025, 30 jours', 'open', '2025-05-04 08:00:00.000000', NULL, NULL, '', NULL, NULL, NULL, FALSE, '2025-05-04', NULL);

INSERT INTO identity_look (id, person_id, journey_id, user_id, at, purpose) VALUES
(1, 55, 55, 1, '2025-05-15 08:00:00.000000', 'evidence');

INSERT INTO information_given (id, journey_id, given_on, way, recorded_at, recorded_by_id) VALUES
(1, 55, '2025-05-15', 'read', '2025-05-15 08:00:00.000000', 1);

INSERT INTO journey_milestone (id, journey_id, code, done_on, in_work) VALUES
(1, 55, 'midway', '2025-05-15', NULL);

INSERT INTO journey_month (id, journey_id, month, present, minutes, version, entered_at, entered_by_id) VALUES
(79, 55, '2024-04-01', TRUE, 0, 1, '2024-06-23 08:00:00.000000', 4),
(80, 55, '2024-05-01', TRUE, 0, 1, '2024-06-23 08:00:00.000000', 4);

INSERT INTO journey_suspension (id, journey_id, started_on, ended_on) VALUES
(9, 58, '2024-07-16', '2024-07-29'),
(19, 124, '2024-06-07', '2024-06-20');

INSERT INTO journey_warning (id, journey_id, code, sentence, to_accept, raised_at, accepted_at, accepted_by_id) VALUES
(1, 60, 'youth_near', 'Moins de 26 ans : 1 sur 5 (20 %), pour 20 % au plus.', FALSE, '2024-07-20 09:00:00.000000', NULL, NULL);

INSERT INTO progress_record (id, journey_id, application_id, territory_id, month, state, version, themes, comment, return_reason, submitted_at, validated_at, validated_by_id, updated_at, state_since) VALUES
(1, 121, 33, 3, '2024-04-01', 'transmitted', 6, '["project","mobility"]', 'Deux mises à disposition chez des particuliers ; le permis est relancé avec la plateforme mobilité.', '', '2024-05-09 08:00:00.000000', '2024-05-19 08:00:00.000000', 12, '2024-05-19 08:00:00.000000', '2024-05-19 08:00:00.000000'),
(2, 121, 33, 3, '2024-05-01', 'transmitted', 6, '["project","mobility"]', 'Deux mises à disposition chez des particuliers ; le permis est relancé avec la plateforme mobilité.', '', '2024-06-09 08:00:00.000000', '2024-06-19 08:00:00.000000', 12, '2024-06-19 08:00:00.000000', '2024-06-19 08:00:00.000000');

INSERT INTO deadline_extension (id, deadline_id, old_on, new_on, author_id, author_name, reason, at) VALUES
(1, 244, '2025-03-01', '2025-04-01', 1, 'Agent instructeur', 'Assemblée reportée.', '2025-05-15 08:00:00.000000');

INSERT INTO reminder (id, deadline_id, due_on, step, planned_on, user_id, role, note, created_at, message_id, skipped) VALUES
(1, 244, '2025-04-01', -7, '2025-03-25', 1, 'applicant', '', '2025-05-15 08:00:00.000000', 139, NULL);

INSERT INTO payment (id, application_id, kind, amount_cents, ordered_at, ordered_by_id, order_reference, paid_on, paid_reference, reverses_id, reversed_by_id, reason, verified_at, verified_by_id, bank_details_id, export_batch_id) VALUES
(11, 16, 'advance', 2912000, '2024-04-09 08:00:00.000000', 10, 'A-0016', '2024-04-17', 'M-0016', NULL, NULL, '', '2024-04-12 08:00:00.000000', 11, 4, 1),
(12, 16, 'balance', 728000, '2025-03-03 09:00:00.000000', 10, 'S-0016', '2025-03-10', 'T-0016', NULL, NULL, '', '2025-03-06 09:00:00.000000', 11, 4, NULL);
