"""Who is responsible for what: role definitions, holders, vacancies, and what each role permits here."""
