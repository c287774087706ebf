using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Planning;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Planning;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Solver;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki plan</c>: the plan of a policy for a scenario.</summary>
internal static class PlanCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var scenario = ScenarioOptions.File();
        var policy = new Option<string>("--policy")
        {
            Description = $"Policy, by its label in the scenario or its name; default the scenario's own, else {PlanningPolicies.Default}. One of:\n"
                + string.Join('\n', known.Policies.Entries.Select(n => $"{n.Name}: {n.Summary}")),
            HelpName = "NAME",
        };
        var demand = new Option<double?>("--demand")
        {
            Description = "Queries per second instead of the scenario's; several pipelines keep their proportions",
            HelpName = "Q",
        }.Within(0, 1e9);
        var explain = new Option<bool>("--explain") { Description = "Say why" };
        var command = new Command("plan", "Show what a policy would run where, for a scenario") { scenario, policy, demand, explain };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var models = new SequenceModels(parsed.GetValue(scenario)!.DirectoryName!);
            var read = await ScenarioOptions.ReadAsync(parsed.GetValue(scenario)!, models, known, cancellationToken).ConfigureAwait(false);
            var name = ScenarioOptions.Policies("--policy", read, [parsed.GetValue(policy) ?? read.Policy ?? PlanningPolicies.Default])[0];
            var setup = read.Setup(name);
            var problem = read.Problem with { Options = setup.Options ?? read.Problem.Options };
            if (parsed.GetValue(demand) is { } qps)
                problem = WithDemand(problem, qps);
            // Nodes limit the search, so that the same file gives the same plan on any machine: the clock is only there to end it some time.
            problem = problem with { Options = problem.Options with { TimeLimit = MostTime } };
            var plan = setup.Create(new BranchAndBoundSolver(), TimeProvider.System).Plan(problem, cancellationToken);
            PlanTables.Print(console.Screen, read.Name, problem, plan, parsed.GetValue(explain));
            console.Document(PlanDocument.Of(read.Name, problem, plan));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Longest time of the search.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(5);

    /// <summary>Returns the problem with another total demand; equal shares where there was none.</summary>
    internal static PlanningProblem WithDemand(PlanningProblem problem, double qps)
    {
        var total = problem.Pipelines.Sum(p => p.DemandQps);
        return problem with
        {
            Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = total > 0 ? qps * p.DemandQps / total : qps / problem.Pipelines.Length })],
        };
    }
}
