using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Inference;
using ServerlessLoki.Serving.Inference.Profiling;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>Finds the latencies for a host: the file that was named, what this machine measured before, or a quick measurement.</summary>
internal sealed partial class HostProfile(IStateStore state, EmbeddedHostOptions options)
{
    private readonly ILogger _logger = options.LoggerFactory.CreateLogger<HostProfile>();

    public async Task<LatencyProfile> FindAsync(
        IReadOnlyList<PipelineSource> pipelines, EngineOptions engine, CancellationToken cancellationToken)
    {
        if (options.ProfileFile is { } file)
            return ProfileCsv.Read(await File.ReadAllTextAsync(file, cancellationToken), file);
        var name = await NameAsync(pipelines, engine, cancellationToken);
        if (await state.FindDocumentAsync(name, cancellationToken) is { } stored)
        {
            using var document = JsonDocument.Parse(stored);
            return ProfileCsv.Read(document.RootElement.GetProperty("csv").GetString()!, name);
        }

        LogMeasuring(_logger);
        var models = new ModelOptions { MaxBatch = engine.MaxBatch, Provider = engine.Provider };
        var profile = await Task.Run(() => QuickProfile.Measure(pipelines, "cpu", models, options.Time, variants: null, cancellationToken), cancellationToken);
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("csv"u8, ProfileCsv.Write(profile));
            writer.WriteEndObject();
        }

        await state.PutDocumentAsync(name, Encoding.UTF8.GetString(json.WrittenSpan), cancellationToken);
        return profile;
    }

    /// <summary>Another machine, other models or another batch limit make another name.</summary>
    private static async Task<string> NameAsync(
        IReadOnlyList<PipelineSource> pipelines, EngineOptions engine, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"2|{Environment.MachineName}|{RuntimeInformation.ProcessArchitecture}|{Environment.ProcessorCount}|{engine.MaxBatch}|{engine.Provider}")));
        foreach (var source in pipelines)
        {
            foreach (var variant in source.Pipeline.Tasks.SelectMany(t => t.Variants))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"|{variant.Name}|"));
                await using var file = File.OpenRead(source.ModelPath(variant));
                hash.AppendData(await SHA256.HashDataAsync(file, cancellationToken));
            }
        }

        return "profile/" + Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    [LoggerMessage(3300, LogLevel.Information, "No latencies are stored for these models on this machine: measuring them briefly")]
    private static partial void LogMeasuring(ILogger logger);
}
