using System.Text.Json;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Start command of the worker, from worker.config.json.</summary>
/// <param name="Executable">Program to start.</param>
/// <param name="Path">First argument of the program, or null.</param>
internal sealed record WorkerDescription(string Executable, string? Path)
{
    public const string FileName = "worker.config.json";

    /// <exception cref="SettingsException">The file has faults.</exception>
    public static WorkerDescription Read(string app)
    {
        var file = System.IO.Path.Combine(app, FileName);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            var description = document.RootElement.GetProperty("description");
            var language = description.GetProperty("language").GetString();
            if (language != "dotnet-isolated")
                throw new SettingsException($"{file}: description.language is '{language}'; this host runs dotnet-isolated");
            var executable = description.GetProperty("defaultExecutablePath").GetString()!.Replace("{WorkerRoot}", app + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal);
            return new WorkerDescription(executable, description.TryGetProperty("defaultWorkerPath", out var path) ? path.GetString() : null);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or IOException)
        {
            throw new SettingsException($"{file} cannot be read: {exception.Message}");
        }
    }
}
