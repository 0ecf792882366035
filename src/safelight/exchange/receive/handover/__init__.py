"""What another Safelight hands over: under which terms, object by object, until both agree."""
