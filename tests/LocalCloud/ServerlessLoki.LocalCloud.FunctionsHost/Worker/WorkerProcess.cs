using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using ServerlessLoki.LocalCloud.FunctionsHost.Settings;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Process of a worker.</summary>
internal sealed partial class WorkerProcess : IDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Ending => string.Create(CultureInfo.InvariantCulture, $"worker process {_process.Id} ended with code {_process.ExitCode}");

    /// <summary>Starts the worker in the app's folder, with this process's environment.</summary>
    public static WorkerProcess Start(string app, WorkerDescription description, string workerId, Uri endpoint, ILogger logger)
    {
        var start = new ProcessStartInfo(description.Executable)
        {
            WorkingDirectory = app,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FUNCTIONS_APPLICATION_DIRECTORY"] = app;
        start.Environment["FUNCTIONS_WORKER_DIRECTORY"] = app;
        if (description.Path is { } path)
            start.ArgumentList.Add(Path.Combine(app, path));
        foreach (var argument in (string[])
                 ["--host", endpoint.Host, "--port", endpoint.Port.ToString(CultureInfo.InvariantCulture), "--workerId", workerId, "--requestId", workerId,
                  "--grpcMaxMessageLength", int.MaxValue.ToString(CultureInfo.InvariantCulture), "--functions-uri", endpoint.AbsoluteUri, "--functions-worker-id", workerId,
                  "--functions-request-id", workerId, "--functions-grpc-max-message-length", int.MaxValue.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException($"'{description.Executable}' could not be started.");
        process.OutputDataReceived += (_, line) => Print(logger, line.Data);
        process.ErrorDataReceived += (_, line) => Print(logger, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new WorkerProcess(process);
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => _process.Dispose();

    private static void Print(ILogger logger, string? line)
    {
        if (!string.IsNullOrEmpty(line))
            LogLine(logger, line);
    }

    [LoggerMessage(1, LogLevel.Information, "worker: {Line}")]
    private static partial void LogLine(ILogger logger, string line);
}
