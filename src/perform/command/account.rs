//! Who a command runs as: names of users and groups, looked up in the system's files.

use std::fs;
use std::io;

/// Where the system lists its users: `name:password:uid:gid:comment:home:shell` (passwd(5)).
const USERS: &str = "/etc/passwd";
/// Where it lists its groups: `name:password:gid:members` (group(5)).
const GROUPS: &str = "/etc/group";

/// A user and a group by their numbers, and where the user is at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
    /// Name and home of a user that the system lists.
    pub(super) listed: Option<(String, String)>,
}

/// Finds the account for what a rule says; `None` when it says nothing.
///
/// # Errors
/// Names what is not there.
pub(super) fn find(
    user: Option<&str>,
    group: Option<&str>,
    own: (u32, u32),
) -> Result<Option<Account>, String> {
    if user.is_none() && group.is_none() {
        return Ok(None);
    }
    let read = |file: &str| fs::read_to_string(file).map_err(|error| unreadable(file, &error));
    let mut account = match user {
        Some(user) => of_user(user, &read(USERS)?)?,
        None => Account { user: own.0, group: own.1, listed: None },
    };
    if let Some(group) = group {
        account.group = of_group(group, &read(GROUPS)?)?;
    }
    if user.is_some() && account.user == 0 {
        return Err(
            "`user` is root under another name: a rule does not make a command run as root".to_owned()
        );
    }
    Ok(Some(account))
}

fn unreadable(file: &str, error: &io::Error) -> String {
    format!("`{file}` cannot be read, which says who `user` and `group` are: {error}")
}

fn of_user(user: &str, listed: &str) -> Result<Account, String> {
    let number = user.parse::<u32>().ok();
    for line in listed.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, of_user, of_group, _, home, ..] = *fields.as_slice() else { continue };
        let (Ok(of_user), Ok(of_group)) = (of_user.parse(), of_group.parse()) else { continue };
        if name == user || number == Some(of_user) {
            let listed = Some((name.to_owned(), home.to_owned()));
            return Ok(Account { user: of_user, group: of_group, listed });
        }
    }
    match number {
        // A number needs no name; its group is its own then.
        Some(number) => Ok(Account { user: number, group: number, listed: None }),
        None => Err(format!("there is no user `{user}` in `{USERS}`; make it, or name another")),
    }
}

fn of_group(group: &str, listed: &str) -> Result<u32, String> {
    let named = listed.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, number, ..] = *fields.as_slice() else { return None };
        (name == group).then(|| number.parse().ok())?
    });
    named
        .or_else(|| group.parse().ok())
        .ok_or_else(|| format!("there is no group `{group}` in `{GROUPS}`; make it, or name another"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "root:x:0:0:root:/root:/bin/sh\nbroken\ndeploy:x:1001:100:,,,:/srv/deploy:/bin/sh\n";

    #[test]
    fn users_are_found_by_name_and_number() {
        let deploy =
            Account { user: 1001, group: 100, listed: Some(("deploy".to_owned(), "/srv/deploy".to_owned())) };
        for (user, wanted) in [
            ("deploy", Some(deploy.clone())),
            ("1001", Some(deploy)),
            ("4000", Some(Account { user: 4000, group: 4000, listed: None })),
            ("nobody-here", None),
            ("broken", None),
        ] {
            assert_eq!(of_user(user, LISTED).ok(), wanted, "{user}");
        }
    }

    #[test]
    fn groups_are_found_by_name_and_number() {
        let listed = "root:x:0:\nwww:x:33:a,b\nbroken\n";
        for (group, wanted) in [("www", Some(33)), ("33", Some(33)), ("77", Some(77)), ("none", None)] {
            assert_eq!(of_group(group, listed).ok(), wanted, "{group}");
        }
    }
}
