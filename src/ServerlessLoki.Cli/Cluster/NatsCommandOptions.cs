using System.CommandLine;
using ServerlessLoki.Cli.Commands;
using ServerlessLoki.Cli.Output;
using ServerlessLoki.Nats.Connection;

namespace ServerlessLoki.Cli.Cluster;

/// <summary>Options of all <c>loki cluster</c> commands: addresses of the NATS servers and credentials.</summary>
internal sealed class NatsCommandOptions
{
    private readonly Option<string> _url = new("--nats")
    {
        Description = "Addresses of the NATS servers, separated by commas; tls://HOST:PORT for TLS",
        DefaultValueFactory = _ => new NatsOptions().Url,
        HelpName = "URL",
    };

    private readonly Option<string> _prefix = new("--cluster")
    {
        Description = "Name of the cluster: the first part of all names on the server",
        DefaultValueFactory = _ => new NatsOptions().Prefix,
        HelpName = "NAME",
    };

    private readonly Option<string> _user = new("--nats-user") { Description = "User of the NATS server", HelpName = "NAME" };
    private readonly Option<FileInfo> _password = new Option<FileInfo>("--nats-password-file") { Description = "File with the user's password", HelpName = "FILE" }.MustExist();
    private readonly Option<FileInfo> _nkey = new Option<FileInfo>("--nats-nkey") { Description = "File with an NKey seed", HelpName = "FILE" }.MustExist();
    private readonly Option<FileInfo> _creds = new Option<FileInfo>("--nats-creds") { Description = "File with a JWT and its seed (.creds)", HelpName = "FILE" }.MustExist();
    private readonly Option<FileInfo> _ca = new Option<FileInfo>("--nats-ca") { Description = "Certificate authority of the NATS server (PEM)", HelpName = "FILE" }.MustExist();
    private readonly Option<FileInfo> _certificate = new Option<FileInfo>("--nats-cert") { Description = "Certificate of this process (PEM)", HelpName = "FILE" }.MustExist();
    private readonly Option<FileInfo> _key = new Option<FileInfo>("--nats-key") { Description = "Key of the certificate (PEM)", HelpName = "FILE" }.MustExist();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_url, _prefix, _user, _password, _nkey, _creds, _ca, _certificate, _key])
            command.Add(option);
    }

    /// <summary>Returns the options with the given values.</summary>
    /// <exception cref="BadInputException">Options do not go together; lists all faults.</exception>
    public NatsOptions Read(ParseResult parsed)
    {
        var options = new NatsOptions
        {
            Url = parsed.GetValue(_url)!,
            Prefix = parsed.GetValue(_prefix)!,
            Credentials = new NatsCredentials
            {
                User = parsed.GetValue(_user),
                Password = parsed.GetValue(_password) is { } file ? File.ReadAllText(file.FullName).Trim() : null,
                NKeyFile = parsed.GetValue(_nkey)?.FullName,
                CredentialsFile = parsed.GetValue(_creds)?.FullName,
                CaFile = parsed.GetValue(_ca)?.FullName,
                CertificateFile = parsed.GetValue(_certificate)?.FullName,
                KeyFile = parsed.GetValue(_key)?.FullName,
            },
        };
        return options.Faults() is { Count: > 0 } faults ? throw new BadInputException([.. faults.Select(f => f.ToString())]) : options;
    }
}
