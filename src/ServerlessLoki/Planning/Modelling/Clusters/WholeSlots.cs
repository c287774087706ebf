namespace ServerlessLoki.Planning.Modelling.Clusters;

/// <summary>Rounding of a fractional plan to whole slots: some slots are held back so that rounding up fits.</summary>
internal static class WholeSlots
{
    private static readonly double[] HeldBack = [0, 0.01, 0.02, 0.04, 0.06, 0.09, 0.13, 0.18, 0.25, 0.35];

    /// <summary>Rounds the plan; null when it does not fit even with the most slots held back.</summary>
    public static PlanDraft? Round(PlanningSpace space, FractionalPlan fractional)
    {
        foreach (var share in HeldBack)
        {
            var taken = fractional.Taken(1 - share);
            if (taken.Count == 0)
                return null;

            // One choice for a pipeline: two may want a variant at different levels.
            var whole = taken.GroupBy(t => t.Choice.Pipeline).Select(g => g.MaxBy(t => t.Share).Choice).ToList();
            var draft = Draft(space, whole);
            if (Enumerable.Range(0, space.Problem.Devices.Length).All(d => Taken(draft, d) <= space.Problem.Devices[d].Slots))
                return draft;
        }

        return null;
    }

    private static int Taken(PlanDraft draft, int device) =>
        draft.Slots.Where(s => s.Device == device).Sum(s => s.Replicas * s.Candidate.SlotsEach);

    private static PlanDraft Draft(PlanningSpace space, List<PricedChoice> choices)
    {
        var levels = choices.SelectMany(c => c.Parts).ToDictionary(l => l.Candidate.Id, l => l.Level);
        var flow = new double[space.Prefixes.Length];
        foreach (var prefix in space.Prefixes.Where(p => p.Upward().All(c => levels.ContainsKey(c.Id))))
            flow[prefix.Id] = 1;
        var slots = choices.SelectMany(c => c.Parts.Select(l => (l.Candidate, l.Level, l.Device, Replicas(l.Candidate, l.Slots)))).ToList();
        return new PlanDraft(space, slots, flow, [.. space.Pipelines.Select(_ => 1.0)]);
    }

    private static int Replicas(Candidate candidate, double slots) => Math.Max(1, (int)Math.Ceiling((slots / candidate.SlotsEach) - 1e-9));
}
