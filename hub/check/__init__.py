"""What is wrong with a deployment, told before somebody else finds it: pure rules over settings and what the database
says. A rule gives findings; none means all is well."""
