using ServerlessLoki.Validation;

namespace ServerlessLoki.Planning.Modelling;

/// <summary>Refusal of problems that a paper's formulation cannot express, naming everything that does not fit.</summary>
internal static class PolicyLimits
{
    /// <summary>Throws unless every pipeline is a tree and at most one device type has slots.</summary>
    /// <exception cref="PlanningRefusedException">Branches of a pipeline meet again, or several device types have slots.</exception>
    public static void RequireTreesOnOneDevice(PlanningProblem problem, string policy) =>
        Require(policy, MeetingBranches(problem).Concat(SeveralDevices(problem)));

    /// <summary>Throws unless every pipeline is a tree.</summary>
    /// <exception cref="PlanningRefusedException">Branches of a pipeline meet again.</exception>
    public static void RequireTrees(PlanningProblem problem, string policy) => Require(policy, MeetingBranches(problem));

    /// <summary>Throws unless every pipeline is a single task and at most one device type has slots.</summary>
    /// <exception cref="PlanningRefusedException">A pipeline has several tasks, or several device types have slots.</exception>
    public static void RequireSingleTasksOnOneDevice(PlanningProblem problem, string policy) =>
        Require(policy, SeveralTasks(problem).Concat(SeveralDevices(problem)));

    /// <summary>Throws unless every named task has the variant named for it.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="variants">Variant by task name.</param>
    /// <exception cref="PlanningRefusedException">A task does not exist or lacks its variant.</exception>
    public static void RequireVariants(PlanningProblem problem, string policy, IReadOnlyDictionary<string, string> variants)
    {
        var faults = new List<Fault>();
        foreach (var (name, variant) in variants)
        {
            var tasks = problem.Pipelines.SelectMany(p => p.Pipeline.Tasks).Where(t => t.Name == name).ToList();
            if (tasks.Count == 0)
                faults.Add(new Fault($"$.variants.{name}", "there is no such task", $"\"{name}\"", string.Join(", ", problem.Pipelines.SelectMany(p => p.Pipeline.Tasks).Select(t => t.Name))));
            foreach (var task in tasks.Where(t => t.Variants.All(v => v.Name != variant)))
                faults.Add(new Fault($"$.variants.{name}", "the task has no such variant", $"\"{variant}\"", string.Join(", ", task.Variants.Select(v => v.Name))));
        }

        Require(policy, faults);
    }

    private static IEnumerable<Fault> SeveralTasks(PlanningProblem problem) => problem.Pipelines
        .Select((p, i) => (p.Pipeline, Index: i)).Where(x => x.Pipeline.Tasks.Length > 1)
        .Select(x => new Fault(
            $"$.pipelines[{x.Index}]",
            $"{x.Pipeline.Name} is a pipeline of several tasks, and this policy plans independent models only",
            string.Join(", ", x.Pipeline.Tasks.Select(t => t.Name)),
            $"one task; for pipelines take {PlanningPolicies.Loki}"));

    private static IEnumerable<Fault> MeetingBranches(PlanningProblem problem) =>
        from x in problem.Pipelines.Select((p, i) => (p.Pipeline, Index: i))
        from task in x.Pipeline.Tasks.Where(t => t.IsJoin || t.Incoming.Length > 1)
        select new Fault(
            $"$.pipelines[{x.Index}]",
            $"branches of {x.Pipeline.Name} meet again at {task.Name}, and this policy plans chains and trees only",
            string.Join(" and ", task.Incoming.Select(e => x.Pipeline.Tasks[e.From].Name)),
            $"one incoming edge per task and no join; for graphs take {PlanningPolicies.Loki} or {PlanningPolicies.Unified}");

    private static IEnumerable<Fault> SeveralDevices(PlanningProblem problem)
    {
        var used = problem.Devices.Where(d => d.Slots > 0).Select(d => d.Name).ToList();
        if (problem.Devices.IsEmpty)
            yield return new Fault("$.devices", "there is no device type", null, "one device type");
        if (used.Count > 1)
            yield return new Fault("$.devices", "this policy plans for devices of one kind", string.Join(", ", used), "one device type with slots");
    }

    private static void Require(string policy, IEnumerable<Fault> faults)
    {
        var found = faults.ToList();
        if (found.Count > 0)
            throw new PlanningRefusedException(policy, found);
    }
}
