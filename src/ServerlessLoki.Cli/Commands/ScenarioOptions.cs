using System.CommandLine;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Planning;
using ServerlessLoki.Scenarios;
using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Options of the commands that take a scenario. Names in a scenario are known only after it was read.</summary>
internal static class ScenarioOptions
{
    /// <summary>Makes the option <c>--scenario FILE</c>.</summary>
    public static Option<FileInfo> File() => new Option<FileInfo>("--scenario")
    {
        Description = "Scenario file: pipelines, devices, profile, traffic",
        Required = true,
        HelpName = "FILE",
    }.MustExist();

    /// <summary>Makes the option <c>--trace NAME|FILE</c>.</summary>
    public static Option<string> Trace() => new("--trace")
    {
        Description = "Traffic of the scenario by name, or a CSV file (rates, a recorded trace, a request log, or counts by the minute); default the first",
        HelpName = "T",
    };

    /// <summary>Reads a scenario and the files that it names, relative to it.</summary>
    /// <param name="file">Scenario file.</param>
    /// <param name="models">Loads the forecasters' model files, relative to the scenario.</param>
    /// <param name="known">Policies and forecasters that the scenario can name.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    public static async Task<Scenario> ReadAsync(FileInfo file, SequenceModels models, Known known, CancellationToken cancellationToken)
    {
        var text = await System.IO.File.ReadAllTextAsync(file.FullName, cancellationToken).ConfigureAwait(false);
        var names = new ScenarioNames { Policies = known.Policies, Forecasters = known.Forecasters, LoadModel = models.Load };
        return ScenarioReader.Read(text, file.Name, path => System.IO.File.ReadAllText(At(path)), names, path => System.IO.File.OpenText(At(path)));

        string At(string path) => Path.GetFullPath(path, file.DirectoryName!);
    }

    /// <summary>Returns the scenario with the requested traffic as its first; null = unchanged.</summary>
    /// <exception cref="BadInputException">The scenario has no such traffic, or none.</exception>
    public static Scenario WithTrace(Scenario scenario, string? trace)
    {
        if (trace is not null && scenario.Traces.FirstOrDefault(t => t.Name == trace) is { } named)
            return scenario with { Traces = [named] };
        if (trace is not null && System.IO.File.Exists(trace))
        {
            using var text = System.IO.File.OpenText(trace);
            return scenario with { Traces = [TraceFile.Read(text, Path.GetFileName(trace), [.. scenario.Problem.Pipelines.Select(p => p.Pipeline.Name)])] };
        }

        if (trace is not null)
            throw new BadInputException($"--trace: found '{trace}', allowed: {string.Join(", ", scenario.Traces.Select(t => t.Name).Append("a CSV file"))}");
        return !scenario.Traces.IsEmpty ? scenario
            : throw new BadInputException("the scenario has no traffic: add \"traffic\" to it, or give --trace FILE");
    }

    /// <summary>Plans; a policy that cannot plan such a scenario ends the command as a failure, since the input is right.</summary>
    /// <exception cref="FailureException">The policy refuses; gives its reasons.</exception>
    public static Plan Planned(Func<Plan> plan)
    {
        try
        {
            return plan();
        }
        catch (PlanningRefusedException e)
        {
            throw new FailureException($"{e.Input} cannot plan this scenario: {string.Join("; ", e.Faults)}");
        }
    }

    /// <summary>Checks that the scenario knows all names; an error lists every unknown one.</summary>
    /// <param name="option">Option that named them.</param>
    /// <param name="scenario">Scenario that is searched.</param>
    /// <param name="names">Labels and names of policies.</param>
    public static IReadOnlyList<string> Policies(string option, Scenario scenario, IReadOnlyList<string> names)
    {
        var known = scenario.PolicyNames.ToArray();
        var faults = names.Where(n => !known.Contains(n)).Select(n => $"{option}: found '{n}', allowed: {string.Join(", ", known)}")
            .Concat(names.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => $"{option}: '{g.Key}' is named twice")).ToArray();
        return faults.Length == 0 ? names : throw new BadInputException(faults);
    }
}
