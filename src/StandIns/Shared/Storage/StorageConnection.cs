using System;
using System.Collections.Generic;

namespace StandIns.Storage;

/// <summary>What a connection string says of one service of a storage account.</summary>
internal sealed class StorageConnection
{
    // The published account of every storage emulator: no secret.
    private const string EmulatorAccount = "devstoreaccount1";
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    public Uri Endpoint { get; private init; }

    public string Account { get; private init; }

    public byte[] Key { get; private init; }

    /// <param name="text">The connection string.</param>
    /// <param name="service"><c>Blob</c> or <c>Table</c>.</param>
    /// <param name="emulatorPort">The service's port of the emulator.</param>
    public static StorageConnection Parse(string text, string service, int emulatorPort)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new FormatException($"Settings must be of the form \"name=value\"; found '{part}'.");
            settings[part[..at]] = part[(at + 1)..];
        }

        if (settings.TryGetValue("UseDevelopmentStorage", out var use) && string.Equals(use, "true", StringComparison.OrdinalIgnoreCase))
            return Of(new Uri($"http://127.0.0.1:{emulatorPort}/{EmulatorAccount}"), EmulatorAccount, EmulatorKey);
        if (!settings.TryGetValue("AccountName", out var account) || !settings.TryGetValue("AccountKey", out var key))
            throw new FormatException("A connection string needs AccountName and AccountKey, or UseDevelopmentStorage=true.");
        if (settings.TryGetValue(service + "Endpoint", out var endpoint))
            return Of(new Uri(endpoint.TrimEnd('/')), account, key);
        var protocol = settings.GetValueOrDefault("DefaultEndpointsProtocol", "https");
        var suffix = settings.GetValueOrDefault("EndpointSuffix", "core.windows.net");
        return Of(new Uri($"{protocol}://{account}.{service.ToLowerInvariant()}.{suffix}"), account, key);
    }

    private static StorageConnection Of(Uri endpoint, string account, string key) =>
        new() { Endpoint = endpoint, Account = account, Key = Convert.FromBase64String(key) };
}
