namespace ServerlessLoki.Planning.Modelling.Chains;

/// <summary>Range of latency levels that variants may still run at, by <see cref="Candidate.Id"/>, both ends included.</summary>
internal sealed record ChainLevels(int[] Lowest, int[] Highest)
{
    public static ChainLevels All(PlanningSpace space) =>
        new(new int[space.Candidates.Length], [.. space.Candidates.Select(c => c.Levels.Length - 1)]);

    /// <summary>Removes the levels above <paramref name="level"/> of one variant.</summary>
    public ChainLevels UpTo(int candidate, int level) => this with { Highest = With(Highest, candidate, level) };

    /// <summary>Removes the levels below <paramref name="level"/> of one variant.</summary>
    public ChainLevels From(int candidate, int level) => this with { Lowest = With(Lowest, candidate, level) };

    /// <summary>Fixes some variants to one level each and leaves the others out.</summary>
    /// <param name="levels">Level of each variant; below 0 = the variant is left out.</param>
    public static ChainLevels Only(int[] levels) => new([.. levels.Select(k => Math.Max(k, 0))], levels);

    private static int[] With(int[] levels, int candidate, int level)
    {
        var changed = (int[])levels.Clone();
        changed[candidate] = level;
        return changed;
    }
}
