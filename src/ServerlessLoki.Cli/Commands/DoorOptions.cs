using System.CommandLine;
using System.Net;
using ServerlessLoki.Embedded;
using ServerlessLoki.Embedded.Door;

namespace ServerlessLoki.Cli.Commands;

/// <summary>Options of <c>loki up</c> for access control and limits per caller.</summary>
internal sealed class DoorOptions
{
    private readonly Option<FileInfo> _keys = new Option<FileInfo>("--api-key-file")
    {
        Description = "Keys of which callers must show one, one a line",
        HelpName = "FILE",
    }.MustExist();

    private readonly Option<bool> _anonymous = new("--allow-anonymous")
    {
        Description = "Take callers from other machines without a key: a front or the network keeps strangers out",
    };

    private readonly Option<string[]> _hosts = new("--allowed-hosts")
    {
        Description = "Names by which this host may be asked, beside localhost, addresses and the machine's name; * = any",
        HelpName = "A,B",
        CustomParser = r => [.. r.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
    };

    private readonly Option<int> _connections = new Option<int>("--max-connections")
    {
        Description = "Connections at most; at the limit those go that have been idle longest",
        DefaultValueFactory = _ => 8192,
        HelpName = "N",
    }.Within(1, 1_000_000);

    private readonly Option<int> _rate = new Option<int>("--min-upload-rate")
    {
        Description = "Bytes per second that an upload must keep on average after five seconds; 0 = none",
        DefaultValueFactory = _ => 16 << 10,
        HelpName = "N",
    }.Within(0, 1 << 30);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">Command to add them to.</param>
    /// <param name="address">Option for the address to listen on.</param>
    public void AddTo(Command command, Option<IPAddress> address)
    {
        command.Add(_keys);
        command.Add(_anonymous);
        command.Add(_hosts);
        command.Add(_connections);
        command.Add(_rate);
        // A rule of the command would hide what is wrong with single options.
        address.Validators.Add(r =>
        {
            if (r.Tokens.Count != 1 || OptionRules.Address(r.Tokens[0].Value) is not { } ip || IPAddress.IsLoopback(ip))
                return;
            if (r.GetResult(_keys) is null && r.GetResult(_anonymous) is not { Implicit: false })
                r.AddError($"--address {ip} lets other machines in: give --api-key-file FILE, or --allow-anonymous if a front or the network keeps strangers out");
        });
    }

    /// <summary>Returns the host options with the given values.</summary>
    /// <exception cref="ApiKeysFormatException">The key file has faults.</exception>
    public EmbeddedHostOptions Apply(ParseResult parsed, EmbeddedHostOptions options) => options with
    {
        ApiKeys = parsed.GetValue(_keys) is { } file ? ApiKeys.Read(file.FullName) : null,
        AllowAnonymous = parsed.GetValue(_anonymous),
        AllowedHosts = parsed.GetValue(_hosts) ?? [],
        MaxConnections = parsed.GetValue(_connections),
        Limits = options.Limits with { MinUploadRate = parsed.GetValue(_rate) },
    };
}
