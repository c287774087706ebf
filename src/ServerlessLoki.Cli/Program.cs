using System.Text;
using ServerlessLoki.Cli;

if (args.FirstOrDefault(static a => !a.StartsWith('-')) == "up")
    SocketThreads.TakeRequests();
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await CliApp.RunAsync(args, Console.Out, Console.Error).ConfigureAwait(false);
