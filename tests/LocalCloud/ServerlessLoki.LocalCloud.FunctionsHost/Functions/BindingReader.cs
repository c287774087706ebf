using ServerlessLoki.LocalCloud.FunctionsHost.Settings;
using ServerlessLoki.LocalCloud.FunctionsHost.Timers;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>Reader of the triggers' bindings that collects their faults.</summary>
internal sealed class BindingReader(AppSettings settings)
{
    private static readonly string[] Others = ["httpTrigger", "orchestrationTrigger", "activityTrigger", "entityTrigger", "timerTrigger", "serviceBusTrigger"];
    private readonly List<string> _faults = [];

    /// <summary>Tests whether this host runs functions of this kind.</summary>
    public static bool Knows(FunctionInfo function) => Others.Any(function.Trigger.Is);

    /// <summary>Reads a timer's schedule; null for other functions, and for a faulty one.</summary>
    public TimerSchedule? Schedule(FunctionInfo function) => !function.Trigger.Is("timerTrigger") ? null : Read(function, f => TimerSchedule.Parse(Text(f, "schedule")));

    /// <summary>Reads a Service Bus trigger's connection string and queue; null for other functions, and for a faulty one.</summary>
    public (string Connection, string Queue)? Queue(FunctionInfo function) => !function.Trigger.Is("serviceBusTrigger") ? null : Read<(string, string)?>(function, f =>
    {
        var setting = f.Trigger.Text("connection") ?? "AzureWebJobsServiceBus";
        var connection = settings[setting] ?? settings["AzureWebJobs" + setting]
            ?? throw new FormatException($"its connection is the app setting '{setting}', which is not set; set it to a connection string");
        return (connection, Text(f, "queueName"));
    });

    /// <exception cref="SettingsException">Lists every fault.</exception>
    public void ThrowIfFaulty() => SettingsException.ThrowIfAny(_faults);

    private T? Read<T>(FunctionInfo function, Func<FunctionInfo, T> read)
    {
        try
        {
            return read(function);
        }
        catch (Exception exception) when (exception is FormatException or SettingsException)
        {
            _faults.Add($"Function '{function.Name}': {exception.Message}");
            return default;
        }
    }

    private string Text(FunctionInfo function, string property) =>
        settings.Resolve(function.Trigger.Text(property) ?? throw new FormatException($"its {function.Trigger.Type} has no {property}"));
}
