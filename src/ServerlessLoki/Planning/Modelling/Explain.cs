using System.Globalization;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Sentences that explain plans to operators.</summary>
internal static class Explain
{
    /// <summary>Writes the demand: "120 q/s" for one pipeline, or a list with names for several.</summary>
    public static string Demand(PlanningProblem problem) => problem.Pipelines.Length == 1
        ? $"{problem.Pipelines[0].DemandQps:0.##} q/s"
        : string.Join(", ", problem.Pipelines.Select(p => $"{p.Pipeline.Name} {p.DemandQps:0.##} q/s"));

    /// <summary>Writes the variants of a space with one per task: "detect-x + classify-b6".</summary>
    public static string Variants(PlanningSpace space) =>
        string.Join("; ", space.Pipelines.Where(p => p.CanServe).Select(p => string.Join(" + ", p.Candidates.Select(c => c[0].Name))));

    /// <summary>Writes the slots: "18 slots", or by device where there are several kinds.</summary>
    public static string Slots(PlanningProblem problem) => problem.Devices.Length == 1
        ? Count(problem.Devices[0].Slots, "slot")
        : string.Join(" and ", problem.Devices.Select(d => $"{Count(d.Slots, "slot")} of {d.Name}"));

    /// <summary>Writes why the most accurate variants have no plan, without a full stop: proven, or not found before a limit
    /// struck.</summary>
    /// <param name="accurate">Space of the most accurate variants only.</param>
    /// <param name="ended">Result of its search.</param>
    public static string NoPlan(PlanningSpace accurate, Solution ended)
    {
        var (demand, variants, slots) = (Demand(accurate.Problem), Variants(accurate), Slots(accurate.Problem));
        return ended.Status == SolveStatus.Infeasible
            ? $"Demand {demand} exceeds what {variants} can serve on {slots}"
            : $"No plan that serves {demand} with {variants} on {slots} was found within the limits";
    }

    /// <summary>Writes why no mix of variants has a plan, and what is planned instead.</summary>
    /// <param name="reason">Text of <see cref="NoPlan"/>.</param>
    /// <param name="ended">Result of the search for a mix.</param>
    /// <param name="instead">Plan that is used instead.</param>
    public static string NoMix(string reason, Solution ended, PlanDraft instead)
    {
        var mix = ended.Status == SolveStatus.Infeasible ? "and what any mix of variants can" : "and no mix of variants that serves it was found within the limits";
        return $"{reason}, {mix}: {Shed(instead)}";
    }

    /// <summary>Writes the served share: "80 % is served, the rest is shed."</summary>
    public static string Shed(PlanDraft draft) => $"{100 * Overload.ServedShare(draft):0.#} % is served, the rest is shed.";

    public static string Count(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>Writes the largest shares of the flows, at most four per way to a leaf task.</summary>
    public static IEnumerable<string> Flows(PlanDraft draft)
    {
        foreach (var pipeline in draft.Space.Pipelines.Where(p => draft.Served[p.Index] > 0))
        {
            foreach (var way in pipeline.Graph.Visits.Where(v => pipeline.Graph.Tasks[v.Task].IsLeaf))
            {
                var paths = pipeline.Prefixes[way.Task].Where(p => p.Visit == way.Index && draft.Flow[p.Id] > 5e-4).OrderByDescending(p => draft.Flow[p.Id]).ToList();
                var shown = paths.Take(4).Select(p =>
                    $"{100 * draft.Flow[p.Id]:0.#} % → {string.Join(" → ", p.Upward().Reverse().Select(c => c.Name))} ({p.Accuracy:0.000})");
                var rest = paths.Count > 4 ? $", and {Count(paths.Count - 4, "more path")}" : "";
                yield return $"{pipeline.Graph.Name}: {string.Join(", ", shown)}{rest}.";
            }
        }
    }

    /// <summary>Writes which tasks wait for which branches, where branches meet in joins.</summary>
    public static IEnumerable<string> Joins(PlanningProblem problem) =>
        from graph in problem.Pipelines.Select(p => p.Pipeline)
        from task in graph.Tasks.Where(t => t.IsJoin)
        select $"{graph.Name}: {task.Name} runs once per {graph.Tasks[task.JoinsPer!.Value].Name}, "
            + $"when all of {string.Join(", ", task.Incoming.Select(e => graph.Tasks[e.From].Name))} have ended.";

    /// <summary>Writes what is proven about the plan.</summary>
    public static string Proof(PlanDraft draft, PlanProof proof) => proof.Gap < 1e-5
        ? $"Accuracy {PlanAssembler.Accuracy(draft):0.0000} is proven best (gap 0, {Count(proof.Nodes, "node")})."
        : $"Accuracy {PlanAssembler.Accuracy(draft):0.0000}; no plan can beat this by more than {100 * proof.Gap:0.##} % ({proof.Status}, {Count(proof.Nodes, "node")}).";

    /// <summary>Writes what helps where there are fewer slots than tasks: slots of a smaller share, whose models take turns on the devices.</summary>
    public static IEnumerable<string> Turns(PlanningProblem problem)
    {
        var tasks = problem.Pipelines.Where(p => p.DemandQps > 0).Sum(p => p.Pipeline.Tasks.Length);
        var devices = problem.Devices.Where(d => d.Slots > 0).ToList();
        var slots = devices.Sum(d => d.Slots);
        if (tasks <= slots || slots == 0)
            yield break;
        var turns = (tasks + slots - 1) / slots;
        var shares = devices.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Name} {d.Slots * turns} slots of share {d.SlotShare / turns:0.###}"));
        yield return $"{Count(tasks, "task")} need a slot each, and there {(slots == 1 ? "is" : "are")} {slots}. Models that take turns on a device need no slot for themselves: "
            + $"with {string.Join(", ", shares)} each, and that part of its memory and price, every task has one.";
    }

    /// <summary>Writes which pipelines have an objective that is out of reach or that leaves no time over, and what helps where slots are too few.</summary>
    public static IEnumerable<string> Budgets(PlanningSpace space)
    {
        foreach (var turns in Turns(space.Problem))
            yield return turns;
        foreach (var pipeline in space.Pipelines)
        {
            var sloMs = pipeline.Graph.SloUs / 1000.0;
            if (!pipeline.CanServe)
                yield return $"{pipeline.Graph.Name} cannot be served: no profiled path of variants on the devices ends within {sloMs:0.#} ms; all of it is shed.";
            else if (space.BurstRows is not null ? pipeline.BudgetUs >= pipeline.Graph.SloUs : pipeline.BudgetUs > pipeline.Graph.SloUs * space.Problem.Options.ProcessingShare * 1.0001)
                yield return $"{pipeline.Graph.Name}: no path leaves {100 * (1 - space.Problem.Options.ProcessingShare):0} % of {sloMs:0.#} ms for queueing, so processing may take all of it; expect late queries under load.";
        }
    }
}
