using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Planning;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Planning.Solving;

namespace ServerlessLoki.Cli.Commands;

/// <summary><c>loki plan</c>: what a policy would do for a scenario.</summary>
internal static class PlanCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console)
    {
        var scenario = new Option<FileInfo>("--scenario") { Description = "Scenario file: pipelines, demand, devices, profile", Required = true, HelpName = "FILE" }.MustExist();
        var policy = CommonOptions.Policy(PlanningPolicies.Default);
        policy.Description += "; default the scenario's own, else loki";
        var demand = new Option<double?>("--demand")
        {
            Description = "Queries per second instead of the scenario's; several pipelines keep their proportions",
            HelpName = "Q",
        }.Within(0, 1e9);
        var explain = new Option<bool>("--explain") { Description = "Say why" };
        var command = new Command("plan", "Show what a policy would run where, for a scenario") { scenario, policy, demand, explain };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(scenario)!;
            var text = await File.ReadAllTextAsync(file.FullName, cancellationToken).ConfigureAwait(false);
            var read = ScenarioReader.Read(text, file.Name, path => File.ReadAllText(Path.GetFullPath(path, file.DirectoryName!)));
            var name = parsed.GetResult(policy) is { Implicit: false } ? parsed.GetValue(policy)! : read.Policy ?? PlanningPolicies.Default;
            var problem = parsed.GetValue(demand) is { } qps ? WithDemand(read.Problem, qps) : read.Problem;
            var plan = PlanningPolicies.Create(name, new BranchAndBoundSolver(), TimeProvider.System).Plan(problem, cancellationToken);
            PlanTables.Print(console.Screen, read.Name, problem, plan, parsed.GetValue(explain));
            console.Document(PlanDocument.Of(read.Name, problem, plan));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The problem with another total demand; equal shares where there was none.</summary>
    internal static PlanningProblem WithDemand(PlanningProblem problem, double qps)
    {
        var total = problem.Pipelines.Sum(p => p.DemandQps);
        return problem with
        {
            Pipelines = [.. problem.Pipelines.Select(p => p with { DemandQps = total > 0 ? qps * p.DemandQps / total : qps / problem.Pipelines.Length })],
        };
    }
}
