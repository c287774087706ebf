using System.CommandLine;
using ServerlessLoki.Cli.Comparison;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios.Comparison;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Command <c>loki simulate</c>: a policy's results on a scenario's traffic.</summary>
internal static class SimulateCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(CliConsole console, Known known)
    {
        var file = ScenarioOptions.File();
        var policy = new Option<string>("--policy") { Description = "Policy, by its label in the scenario or its name; default the scenario's own, else " + PlanningPolicies.Default, HelpName = "NAME" };
        var trace = ScenarioOptions.Trace();
        var seed = new Option<ulong?>("--seed") { Description = "Same seed, same course; default the scenario's first", HelpName = "N" }.Within(0UL, ulong.MaxValue);
        var command = new Command("simulate", "Run a scenario's traffic through a policy in virtual time: same decisions as 'up', seconds instead of hours")
        {
            file, policy, trace, seed,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var models = new SequenceModels(parsed.GetValue(file)!.DirectoryName!);
            var read = await ScenarioOptions.ReadAsync(parsed.GetValue(file)!, models, known, cancellationToken).ConfigureAwait(false);
            var scenario = ScenarioOptions.WithTrace(read, parsed.GetValue(trace));
            var names = ScenarioOptions.Policies("--policy", scenario, [parsed.GetValue(policy) ?? scenario.Policy ?? PlanningPolicies.Default]);
            var options = new ComparisonOptions { Seeds = [parsed.GetValue(seed) ?? scenario.Seeds[0]], Clock = TimeProvider.System };
            var result = await Task.Run(
                () => ComparisonProgressView.Show(console, progress => ScenarioComparison.Run(scenario, names, options, progress, cancellationToken)), cancellationToken).ConfigureAwait(false);
            if (result.Policies[0].Refused is { } reason)
                throw new FailureException($"policy {names[0]} cannot plan this scenario: {reason}");
            SimulationTables.Print(console.Screen, scenario.Problem, result);
            console.Document(ComparisonDocument.Of(result));
            return ExitCodes.Ok;
        });
        return command;
    }
}
