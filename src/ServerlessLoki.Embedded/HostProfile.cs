using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Models.Profiling;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>Source of a host's latencies: the configured file, an earlier measurement of this machine, or a quick measurement.</summary>
/// <param name="state">Store of measurements.</param>
/// <param name="file">Latencies as CSV; null = not configured.</param>
/// <param name="logs">Loggers.</param>
/// <param name="time">Clock.</param>
internal sealed partial class HostProfile(IStateStore state, string? file, ILoggerFactory logs, TimeProvider time)
{
    public const string Device = "cpu";
    private string _name = "";

    private readonly ILogger _logger = logs.CreateLogger<HostProfile>();

    /// <summary>False while the latencies were measured only once, perhaps on a busy machine.</summary>
    public bool IsProven { get; private set; } = true;

    /// <summary>True when the latencies are this machine's own measurement, not those of a file.</summary>
    public bool IsMeasured => _name.Length > 0;

    public async Task<LatencyProfile> FindAsync(
        IReadOnlyList<PipelineSource> pipelines, EngineOptions engine, CancellationToken cancellationToken)
    {
        if (file is not null)
            return ProfileCsv.Read(await File.ReadAllTextAsync(file, cancellationToken), file);
        _name = await NameAsync(pipelines, engine, cancellationToken);
        if (await state.FindDocumentAsync(_name, cancellationToken) is { } stored)
        {
            using var document = JsonDocument.Parse(stored);
            IsProven = document.RootElement.TryGetProperty("proven", out var proven) && proven.GetBoolean();
            return ProfileCsv.Read(document.RootElement.GetProperty("csv").GetString()!, _name);
        }

        LogMeasuring(_logger);
        var profile = await Task.Run(() => Measure(pipelines, engine, cancellationToken), cancellationToken);
        IsProven = false;
        await StoreAsync(profile, isProven: false, cancellationToken);
        return profile;
    }

    public LatencyProfile Measure(IReadOnlyList<PipelineSource> pipelines, EngineOptions engine, CancellationToken cancellationToken) => QuickProfile.Measure(
        pipelines, Device, new ModelOptions { MaxBatch = engine.MaxBatch, Provider = engine.Provider }, time, variants: null, cancellationToken);

    /// <summary>Stores a measured or corrected profile for the next start; the profile of a file is not changed.</summary>
    public async Task StoreAsync(LatencyProfile profile, bool isProven, CancellationToken cancellationToken)
    {
        if (!IsMeasured)
            return;
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString("csv"u8, ProfileCsv.Write(profile));
            writer.WriteBoolean("proven"u8, isProven);
            writer.WriteString("at"u8, time.GetUtcNow());
            writer.WriteEndObject();
        }

        await state.PutDocumentAsync(_name, Encoding.UTF8.GetString(json.WrittenSpan), cancellationToken);
    }

    /// <summary>Makes the name of a measurement; another machine, other models or another batch limit make another name.</summary>
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
