using System.Globalization;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Options of the command line.</summary>
/// <param name="App">Folder of the built Function app.</param>
/// <param name="Port">Port of the HTTP functions on the loopback interface; 0 = any free one.</param>
/// <param name="Keys">Keys that requests need; null = none, as in local development.</param>
internal sealed record HostOptions(string App, int Port, HttpKeys? Keys)
{
    public const string Usage = "ServerlessLoki.LocalCloud.FunctionsHost --app FOLDER [--port 7071] [--keys FUNCTIONKEY,MASTERKEY]";
    private const int StandardPort = 7071;

    /// <exception cref="SettingsException">Lists every fault.</exception>
    public static HostOptions Parse(IReadOnlyList<string> args)
    {
        var faults = new List<string>();
        var (app, port, keys) = ((string?)null, StandardPort, (HttpKeys?)null);
        for (var i = 0; i < args.Count; i++)
        {
            var value = i + 1 < args.Count ? args[i + 1] : null;
            switch (args[i])
            {
                case "--app" or "--port" or "--keys" when value is null:
                    faults.Add($"{args[i]} has no value; usage: {Usage}");
                    break;
                case "--app":
                    app = value;
                    break;
                case "--port" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue:
                    break;
                case "--port":
                    faults.Add($"--port is '{value}'; a port is a number from 0 (any free port) to {ushort.MaxValue}");
                    break;
                case "--keys" when value!.Split(',') is [{ Length: > 0 } function, { Length: > 0 } master]:
                    keys = new HttpKeys(function, master);
                    break;
                case "--keys":
                    faults.Add("--keys takes two keys, FUNCTIONKEY,MASTERKEY, separated by a comma");
                    break;
                default:
                    faults.Add($"'{args[i]}' is not an option; usage: {Usage}");
                    continue;
            }

            i++;
        }

        if (app is null && !args.Contains("--app"))
            faults.Add($"--app is missing: it names the folder of the built Function app; usage: {Usage}");
        else if (app is not null && !File.Exists(Path.Combine(app, WorkerDescription.FileName)))
            faults.Add($"--app is '{app}', which has no {WorkerDescription.FileName}; it takes the output folder of an isolated Function app that is built");
        SettingsException.ThrowIfAny(faults);
        return new HostOptions(Path.GetFullPath(app!), port, keys);
    }
}
