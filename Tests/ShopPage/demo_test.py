"""Tests of ./shop-demo, and of the commands of staff beside it."""
import os
import signal
import subprocess
import tempfile

from shop_pages import Demo, PageTest, ROOT


class DemoTest(PageTest):
    def test_the_demo_refuses_bad_arguments_and_a_taken_port_at_once(self):
        taken = self.demo.address.rsplit(":")[-1]
        for words, status, said in (
            (["--help"], 0, "usage: ./shop-demo [PORT]\n"),
            (["port"], 64, "usage: ./shop-demo [PORT]"), (["0"], 64, "usage"), (["65536"], 64, "usage"), (["1", "2"], 64, "usage"),
            ([taken], 74, f"port {taken} is in use: give another, such as ./shop-demo "),
            ([str(int(taken) - 1)], 74, f"port {taken} is in use"),   # for the back office
        ):
            ended = subprocess.run(
                [os.path.join(ROOT, "shop-demo"), *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20,
                env=os.environ | {"SHOP_BIN": self.programs, "SHOP_DATA": self.demo.data})
            self.assertEqual((ended.returncode, ended.stdout[:len(said)]), (status, said), words)

    def test_a_shop_that_is_killed_is_said_and_leaves_no_redis(self):
        demo = Demo(self.programs)
        self.addCleanup(demo.stop)
        with open(os.path.join(demo.data, "redis", "redis.pid"), encoding="utf8") as file:
            redis = file.read().strip()
        shop = subprocess.run(["pgrep", "-x", "-P", str(demo.process.pid), "quire-shop"], capture_output=True, check=True)
        os.kill(int(shop.stdout), signal.SIGKILL)
        self.assertEqual(demo.process.wait(timeout=60), 137)
        demo.reader.join(timeout=60)
        self.assertIn("The shop ended (137); ./shop-demo starts it again, nothing is lost", demo.output)
        self.assertNotIn("Killed", demo.output)
        self.until(lambda d: not os.path.exists(f"/proc/{redis}"))

    def test_commands_of_staff_name_what_is_missing(self):
        program = os.path.join(self.programs, "quire-shop")

        def ended(*words):
            done = subprocess.run([program, *words], capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
            return done.returncode, done.stderr

        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, "wrong")
            said = f"quire-shop: there is no shop in {place}: give its data folder with --data\n"
            for command in ("goods", "edit"), ("orders", "list"), ("keys", "rotate"), ("feed", "status"):
                self.assertEqual(ended(*command, "--data", place), (66, said))
            self.assertFalse(os.path.exists(place))
        self.assertIn("no feed.targets are configured", ended("feed", "status", "--data", self.demo.data)[1])
        # The settings of the demo hold what staff needs, and no secret.
        settings = os.path.join(self.demo.data, "demo.env")
        self.assertEqual(os.stat(settings).st_mode & 0o777, 0o600)
        with open(settings, encoding="utf8") as file:
            self.assertNotRegex(file.read(), "SECRET|PASSWORD|FEED_KEY=")
        verified = subprocess.run(
            ["bash", "-c", f"source '{settings}' && '{program}' feed verify local"], capture_output=True, text=True,
            env={"PATH": os.environ["PATH"]})
        self.assertIn("missing ", verified.stdout, verified.stderr)
