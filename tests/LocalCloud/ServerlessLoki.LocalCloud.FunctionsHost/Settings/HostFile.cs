using Microsoft.Extensions.Configuration;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Content of host.json, with the app settings <c>AzureFunctionsJobHost__…</c> over it.</summary>
/// <param name="RoutePrefix">Prefix of each function's route.</param>
/// <param name="FunctionTimeout">Longest time of an invocation; null = no limit.</param>
/// <param name="ServiceBus">Section of the Service Bus trigger.</param>
/// <param name="Durable">Section of the Durable extension.</param>
/// <param name="Logging">Log levels.</param>
internal sealed record HostFile(string RoutePrefix, TimeSpan? FunctionTimeout, ServiceBusSettings ServiceBus, IConfigurationSection Durable, IConfigurationSection Logging)
{
    public const string Name = "host.json";
    private static readonly TimeSpan StandardTimeout = TimeSpan.FromMinutes(30);

    /// <exception cref="SettingsException">Lists every fault.</exception>
    public static HostFile Read(string app, AppSettings settings)
    {
        var file = Path.Combine(app, Name);
        var faults = new List<string>();
        IConfigurationRoot root;
        try
        {
            root = new ConfigurationBuilder().AddJsonFile(file)
                .AddInMemoryCollection(settings.Configuration.GetSection("AzureFunctionsJobHost").AsEnumerable(makePathsRelative: true))
                .Build();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new SettingsException($"{file} cannot be read: {exception.InnerException?.Message ?? exception.Message}");
        }

        var reader = new SectionReader(file, root, faults);
        if (root["version"] != "2.0")
            faults.Add($"{file}: version is '{root["version"]}'; this host knows 2.0");
        TimeSpan? timeout = root["functionTimeout"] is "-1" ? null : reader.Span("functionTimeout", TimeSpan.FromSeconds(1), TimeSpan.FromDays(10), StandardTimeout);
        var read = new HostFile(
            root["extensions:http:routePrefix"] ?? "api", timeout, ServiceBusSettings.Read(reader), root.GetSection("extensions:durableTask"), root.GetSection("logging"));
        SettingsException.ThrowIfAny(faults);
        return read;
    }
}
