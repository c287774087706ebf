using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using ServerlessLoki.Cli.Cluster;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Cli.Plugins;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Cli;

/// <summary>Command line: parses, runs, and turns every result into text and an exit code.</summary>
internal static class CliApp
{
    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="terminal">Terminal of the screen; null = detect it.</param>
    /// <param name="cancellationToken">Ends the command as Ctrl-C does.</param>
    public static async Task<int> RunAsync(
        string[] args, TextWriter output, TextWriter error, Terminal? terminal = null, CancellationToken cancellationToken = default)
    {
        // Known before parsing, so that a command line that does not parse is answered in JSON too.
        var json = args.Contains("--json", StringComparer.Ordinal);
        terminal ??= Terminal.Detect(json ? Console.IsErrorRedirected : Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        var console = new CliConsole(output, error, json, terminal);
        RootCommand root;
        try
        {
            root = Root(console, PluginFiles.Load(args));
        }
        catch (BadInputException e)
        {
            return Refuse(console, e.Faults, null);
        }

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            var hint = string.Join(' ', Names(parsed.CommandResult).Reverse().Prepend("loki").Append("--help"));
            return Refuse(console, ParseFaults.Of(parsed), $"See '{hint}'.");
        }

        var invocation = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            // 'up' drains what it has admitted before it ends.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The library ends a command on SIGINT and SIGTERM. A closed terminal and SIGQUIT end it in the same way.
        using var hangUp = EndsBy(PosixSignal.SIGHUP, stop);
        using var quit = EndsBy(PosixSignal.SIGQUIT, stop);
        try
        {
            return await parsed.InvokeAsync(invocation, stop.Token).ConfigureAwait(false);
        }
        catch (BadInputException e)
        {
            return Refuse(console, e.Faults, null);
        }
        catch (FaultException e)
        {
            return Refuse(console, [.. e.Faults.Select(f => $"{e.Input}: {f}")], null);
        }
        catch (FailureException e)
        {
            return Fail(console, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Fail(console, "stopped before it was done");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            return Fail(console, e.Message);
        }
        catch (Exception e)
        {
            // A fault of this program: the whole story goes to standard error, so that it can be reported.
            return Fail(console, $"unexpected fault, please report it: {e}");
        }
    }

    /// <summary>Builds the root command with all commands.</summary>
    /// <param name="console">Console that the commands write to.</param>
    /// <param name="known">Policies and forecasters that can be named.</param>
    public static RootCommand Root(CliConsole console, Known known)
    {
        var root = new RootCommand(
            "Serves inference pipelines under deadlines: every second it chooses which model variants run, how many, in which "
            + "batches, and which query goes where.")
        {
            UpCommand.Create(console, known),
            DemoCommand.Create(console, known),
            InferCommand.Create(console, known),
            LoadCommand.Create(console),
            CheckCommand.Create(console),
            InspectCommand.Create(console),
            EvaluateCommand.Create(console),
            ProfileCommand.Create(console),
            SampleCommand.Create(console),
            PlanCommand.Create(console, known),
            SimulateCommand.Create(console, known),
            CompareCommand.Create(console, known),
            ImportCommand.Create(console),
            ClusterCommand.Create(console, known),
        };
        root.Options.Add(new Option<bool>("--json")
        {
            Description = "Print one JSON document on standard output and nothing else there",
            Recursive = true,
        });
        root.Options.Add(PluginFiles.Option());
        // The library wraps at the width of a window only, not of a pipe.
        if (root.Options.OfType<HelpOption>().Single().Action is HelpAction help)
            help.MaxWidth = console.Terminal.Width;
        return root;
    }

    private static PosixSignalRegistration EndsBy(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });

    /// <summary>Lists the command and its parents, innermost first, without the root.</summary>
    private static IEnumerable<string> Names(CommandResult command)
    {
        for (var at = command; at is { Command: not RootCommand }; at = at.Parent as CommandResult)
            yield return at.Command.Name;
    }

    private static int Refuse(CliConsole console, IReadOnlyList<string> faults, string? hint)
    {
        var writer = console.Errors.Profile.Out.Writer;
        foreach (var fault in faults)
            writer.WriteLine($"loki: {Printable.Of(fault)}");
        if (hint is not null)
            writer.WriteLine(hint);
        console.Document(new { error = string.Join("; ", faults), faults });
        return ExitCodes.BadInput;
    }

    private static int Fail(CliConsole console, string message)
    {
        console.Errors.Profile.Out.Writer.WriteLine($"loki: {Printable.Of(message)}");
        console.Document(new { error = message });
        return ExitCodes.Failed;
    }
}
