//! Neither files nor folders import each other in circles. `mod.rs` files are no part of a circle: what goes through
//! them is followed to the file that defines the item.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::modules::is_facade;
use super::super::tree::Tree;
use super::Offence;

/// What each node imports, with the first place where it does.
type Graph<'t> = BTreeMap<&'t str, BTreeMap<&'t str, Place<'t>>>;
type Place<'t> = (&'t str, usize);

pub fn check(tree: &Tree) -> Vec<Offence> {
    let (mut files, mut folders) = (Graph::new(), Graph::new());
    for import in &tree.imports {
        let place = (import.file.as_str(), import.line);
        for to in import.leads.to.iter().filter(|to| !is_facade(&import.file) && !is_facade(to)) {
            files.entry(&import.file).or_default().entry(to).or_insert(place);
        }
        for to in import.leads.to.union(&import.leads.through) {
            if let Some((from, to)) = parted(&import.file, to) {
                folders.entry(from).or_default().entry(to).or_insert(place);
            }
        }
    }
    let remedy = "Move what both need into a file of its own, below both, or hand it in as an argument.";
    let files = circles(&files).into_iter().map(|circle| circle.offence("files", remedy));
    let remedy = "Move what both need into a folder below both, or hand it in as an argument.";
    let folders = circles(&folders).into_iter().map(|circle| circle.offence("folders", remedy));
    files.chain(folders).collect()
}

/// The folders at which the paths of two files part; `None` where a file stands in a folder around the other.
fn parted<'t>(from: &'t str, to: &'t str) -> Option<(&'t str, &'t str)> {
    let same = from.bytes().zip(to.bytes()).take_while(|(one, other)| one == other).count();
    let start = from[..same].rfind('/').map_or(0, |slash| slash + 1);
    let folder = |path: &'t str| path[start..].find('/').map(|slash| &path[..start + slash]);
    Some((folder(from)?, folder(to)?))
}

/// Nodes that all lead to each other.
struct Circle<'t> {
    nodes: BTreeSet<&'t str>,
    /// The shortest way round, with the place of the import that leads to each node.
    way: Vec<(&'t str, Place<'t>)>,
}

impl Circle<'_> {
    fn offence(&self, kind: &str, remedy: &str) -> Offence {
        let nodes: Vec<_> = self.nodes.iter().copied().collect();
        let steps = self.way.iter().map(|(node, (file, line))| format!("`{node}` ({file}:{line})"));
        let steps: Vec<_> = steps.collect();
        let (first, (file, line)) = self.way[0];
        let last = self.way.last().map_or(first, |(node, _)| node);
        Offence::new(
            file,
            line,
            format!("lies on a circle of {kind}: {}", nodes.join(", ")),
            format!("`{last}` imports {}. {remedy}", steps.join(", which imports ")),
        )
    }
}

fn circles<'t>(graph: &Graph<'t>) -> Vec<Circle<'t>> {
    let reachable: BTreeMap<_, _> = graph.keys().map(|node| (*node, ways(graph, node))).collect();
    let mut circles: Vec<Circle<'t>> = Vec::new();
    for (node, ways) in &reachable {
        if !ways.contains_key(node) || circles.iter().any(|circle| circle.nodes.contains(node)) {
            continue;
        }
        let returns = |other: &&str| reachable.get(other).is_some_and(|ways| ways.contains_key(node));
        let nodes: BTreeSet<_> = ways.keys().copied().filter(returns).collect();
        let shortest = nodes.iter().filter_map(|node| way_round(&reachable[node], node));
        let way = shortest.min_by_key(Vec::len).unwrap_or_default();
        circles.push(Circle { nodes, way });
    }
    circles
}

/// For each node that can be reached from `start`, the node before it on a shortest way, and the place of the import.
type Ways<'t> = BTreeMap<&'t str, (&'t str, Place<'t>)>;

fn ways<'t>(graph: &Graph<'t>, start: &'t str) -> Ways<'t> {
    let mut ways = Ways::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for (next, place) in graph.get(node).into_iter().flatten() {
            ways.entry(next).or_insert_with(|| {
                queue.push_back(next);
                (node, *place)
            });
        }
    }
    ways
}

fn way_round<'t>(ways: &Ways<'t>, start: &'t str) -> Option<Vec<(&'t str, Place<'t>)>> {
    let mut way = Vec::new();
    let mut node = start;
    loop {
        let (before, place) = *ways.get(node)?;
        way.push((node, place));
        node = before;
        if node == start {
            way.reverse();
            return Some(way);
        }
    }
}
