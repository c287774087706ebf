namespace ServerlessLoki.Benchmarks.Reproduction;

/// <summary>A statement of a paper, or a target of this project, beside what came out.</summary>
/// <param name="What">The statement.</param>
/// <param name="Published">Its figure.</param>
/// <param name="Here">Ours.</param>
/// <param name="Holds">Whether ours agrees with it.</param>
internal sealed record Claim(string What, string Published, string Here, bool Holds);
